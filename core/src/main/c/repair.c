/*
 * What a child of fork has to make its own before any of its threads runs: descriptors that it would
 * share with the parent to the harm of both, signals, standard input. System calls and own memory
 * only: a thread that is stopped, or missing, may hold any lock of the C library.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fork.h"

#define MAX_REGISTRATIONS 4096

enum kind { OTHER, EPOLL, EVENT };

struct registration {
  int epoll, target;
  struct epoll_event event;
};

static struct registration *registrations;
static int registration_count;

void *mp_memory(size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static char *put_text(char *at, const char *text) {
  while (*text != 0) *at++ = *text++;
  *at = 0;
  return at;
}

static void put_number(char *at, int number) {
  char digits[12];
  int n = 0;
  do digits[n++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  while (n > 0) *at++ = digits[--n];
  *at = 0;
}

static enum kind kind_of(int fd) {
  char path[40], target[32];
  put_number(put_text(path, "/proc/self/fd/"), fd);
  long n = readlink(path, target, sizeof target - 1);
  if (n <= 0) return OTHER;
  target[n] = 0;
  if (strcmp(target, "anon_inode:[eventpoll]") == 0) return EPOLL;
  return strcmp(target, "anon_inode:[eventfd]") == 0 ? EVENT : OTHER;
}

/* The number after the next `label` from `at` on, which is moved past it; *at null: there is none. */
static uint64_t next_number(const char **at, const char *label, unsigned base) {
  *at = strstr(*at, label);
  if (*at == NULL) return 0;
  *at += strlen(label);
  while (**at == ' ' || **at == '\t') ++*at;
  uint64_t number = 0;
  for (;; ++*at) {
    unsigned digit = (unsigned)(**at | 0x20) - (**at >= '0' && **at <= '9' ? '0' : 'a' - 10);
    if (digit >= base) return number;
    number = number * base + digit;
  }
}

static long read_info(int fd, char *buffer, size_t size) {
  char path[40];
  put_number(put_text(path, "/proc/self/fdinfo/"), fd);
  int info = open(path, O_RDONLY | O_CLOEXEC);
  if (info < 0) return -1;
  size_t length = 0;
  for (long n; (n = read(info, buffer + length, size - 1 - length)) > 0;) length += (size_t)n;
  close(info);
  buffer[length] = 0;
  return (long)length;
}

/* Puts `fresh` in the place of `fd`, which keeps its flag for exec. */
static void replace(int fd, int fresh) {
  if (fresh < 0) return;
  int flags = fcntl(fd, F_GETFD);
  dup3(fresh, fd, (flags & FD_CLOEXEC) != 0 ? O_CLOEXEC : 0);
  close(fresh);
}

/* Notes what is registered with an epoll instance, and replaces that by an empty one. */
static void empty_epoll(int fd, char *buffer, size_t size) {
  if (read_info(fd, buffer, size) < 0) return;
  for (const char *at = buffer; registration_count < MAX_REGISTRATIONS;) {
    struct registration *next = &registrations[registration_count];
    next->epoll = fd;
    next->target = (int)next_number(&at, "tfd:", 10);
    if (at == NULL) break;
    next->event.events = (uint32_t)next_number(&at, "events:", 16);
    if (at == NULL) break;
    next->event.data.u64 = next_number(&at, "data:", 16);
    if (at == NULL) break;
    enum kind kind = kind_of(next->target);
    if (kind != OTHER) registration_count++;
  }
  replace(fd, epoll_create1(EPOLL_CLOEXEC));
}

static int is_replaced(int before, int target) {
  for (int i = 0; i < before; i++)
    if (registrations[i].target == target) return 1;
  return 0;
}

static void renew_event(int fd, char *buffer, size_t size) {
  if (read_info(fd, buffer, size) < 0) return;
  const char *at = buffer;
  unsigned count = (unsigned)next_number(&at, "eventfd-count:", 16);
  replace(fd, eventfd(count, fcntl(fd, F_GETFL) & O_NONBLOCK));
}

static char info_text[1 << 16]; /* of one descriptor at a time */

static int empty_if_epoll(int folder, int fd, const char *name) {
  (void)folder, (void)name;
  if (kind_of(fd) == EPOLL) empty_epoll(fd, info_text, sizeof info_text);
  return 0;
}

/*
 * An epoll instance, and an eventfd that wakes who waits on one, are objects that parent and child
 * would share: the child would take the parent's events. Each gets a fresh one under the same number.
 * Only the wake-up descriptors are registered again: no thread of the child waits for the parent's
 * sockets.
 */
static void renew_epolls(void) {
  if (mp_each_number("/proc/self/fd", empty_if_epoll) < 0) return;
  for (int i = 0; i < registration_count; i++) {
    int target = registrations[i].target;
    if (kind_of(target) == EVENT && !is_replaced(i, target))
      renew_event(target, info_text, sizeof info_text);
  }
  for (int i = 0; i < registration_count; i++)
    epoll_ctl(registrations[i].epoll, EPOLL_CTL_ADD, registrations[i].target,
              &registrations[i].event);
}

void mp_repair_descriptors(void) {
  registration_count = 0;
  if (registrations == NULL) registrations = mp_memory(MAX_REGISTRATIONS * sizeof *registrations);
  if (registrations != NULL) renew_epolls();
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0 && nothing != STDIN_FILENO) {
    dup2(nothing, STDIN_FILENO);
    close(nothing);
  } else if (nothing == STDIN_FILENO) {
    fcntl(nothing, F_SETFD, 0);
  }
}

/*
 * The signals that end a process do so again, also where the parent was started in the background and
 * ignores them; but SIGHUP stays ignored, as nohup wants it. The child is the head of its own process
 * group.
 */
void mp_repair_signals(void) {
  static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
  for (int i = 0; i < 3; i++) {
    struct sigaction action;
    if (ending[i] == SIGHUP && sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
      continue;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigaction(ending[i], &action, NULL);
  }
  setpgid(0, 0);
}
