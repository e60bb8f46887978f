/* What the machine allows: the C side of the benchmarks. Speaks the protocol of Remote.java. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1 << 20)

static long nanos(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void await_change(_Atomic uint32_t *word, uint32_t old) {
  while (atomic_load(word) == old) syscall(SYS_futex, word, FUTEX_WAIT, old, NULL, NULL, 0);
}

static void advance(_Atomic uint32_t *word) {
  atomic_fetch_add(word, 1);
  syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Two processes wake each other in turn; one operation is there and back. */
static _Atomic uint32_t *words;

static void futex_start(void) {
  words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (words == MAP_FAILED) abort();
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (uint32_t seen = 0;; seen++) {
      await_change(&words[0], seen);
      advance(&words[32]);
    }
  }
}

static long futex_round(long n) {
  static uint32_t turn;
  long start = nanos();
  for (long i = 0; i < n; i++, turn++) {
    advance(&words[0]);
    await_change(&words[32], turn);
  }
  return atomic_load(&words[32]) == turn ? nanos() - start : -1;
}

/* The same, each a while after the last one, when the other process has gone to sleep. */
static long parked_round(long n) {
  long spent = 0;
  for (long i = 0; i < n; i++) {
    usleep(2000);
    long one = futex_round(1);
    if (one < 0) return -1;
    spent += one;
  }
  return spent;
}

/* A byte goes to another process and back, by two pipes of the kernel. */
static int request[2], reply[2];

static void pipe_start(void) {
  if (pipe(request) != 0 || pipe(reply) != 0) abort();
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char byte;
    while (read(request[0], &byte, 1) == 1 && write(reply[1], &byte, 1) == 1) {}
    _exit(1);
  }
}

static long pipe_round(long n) {
  long start = nanos();
  for (long i = 0; i < n; i++) {
    char sent = (char)i, received = 0;
    if (write(request[1], &sent, 1) != 1 || read(reply[0], &received, 1) != 1) return -1;
    if (received != sent) return -1;
  }
  return nanos() - start;
}

static char *source, *target;

static void memcpy_start(void) {
  source = malloc(MIB);
  target = malloc(MIB);
  memset(source, 7, MIB);
  memset(target, 1, MIB);
}

static long memcpy_round(long n) {
  long start = nanos();
  for (long i = 0; i < n; i++) {
    source[0] = (char)i;
    memcpy(target, source, MIB);
    __asm__ volatile("" : : "r"(target) : "memory");
    if (target[0] != (char)i) return -1;
  }
  return nanos() - start;
}

/* What memory gives: longs added up. */
#define LONGS (8 << 20)
static int64_t *longs;

static void sum_start(void) {
  longs = mmap(NULL, LONGS * 8L, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (longs == MAP_FAILED) abort();
  for (int64_t i = 0; i < LONGS; i++) longs[i] = i;
}

static long sum_round(long n) {
  long start = nanos();
  for (long i = 0; i < n; i++) {
    int64_t sum = 0;
    for (int64_t at = 0; at < LONGS; at++) sum += longs[at];
    __asm__ volatile("" : : : "memory");
    if (sum != LONGS * (LONGS - 1L) / 2) return -1;
  }
  return nanos() - start;
}

static void nothing(void) {}

static long fork_round(long n) {
  long start = nanos();
  for (long i = 0; i < n; i++) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return -1;
  }
  return nanos() - start;
}

/* The same with a program of its own, which is this one and ends at once. */
static long exec_round(long n) {
  long start = nanos();
  for (long i = 0; i < n; i++) {
    pid_t child = fork();
    if (child == 0) {
      execl("/proc/self/exe", "limits", "nothing", NULL);
      _exit(1);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return -1;
  }
  return nanos() - start;
}

int main(int count, char **arguments) {
  struct {
    const char *name;
    void (*start)(void);
    long (*round)(long);
  } works[] = {{"futex", futex_start, futex_round},
               {"futex-parked", futex_start, parked_round},
               {"pipe", pipe_start, pipe_round},
               {"memcpy", memcpy_start, memcpy_round},
               {"sum", sum_start, sum_round},
               {"fork", nothing, fork_round},
               {"exec", nothing, exec_round}};
  if (count == 2 && strcmp(arguments[1], "nothing") == 0) return 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (size_t i = 0; count == 2 && i < sizeof works / sizeof *works; i++) {
    if (strcmp(arguments[1], works[i].name) != 0) continue;
    works[i].start();
    puts("ready");
    char line[64];
    long n;
    while (fgets(line, sizeof line, stdin) != NULL && sscanf(line, "run %ld", &n) == 1) {
      long spent = works[i].round(n);
      if (spent < 0) puts("error the result is wrong");
      else printf("ok %ld\n", spent);
    }
    return 0;
  }
  puts("error there is no such work");
  return 2;
}
