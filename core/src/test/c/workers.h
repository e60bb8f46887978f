/* Threads that do all sorts of things, and look at each turn if they are whole. */
#ifndef MULTIPROCESSING_WORKERS_H
#define MULTIPROCESSING_WORKERS_H

#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "registers.h"

#define NAP_NANOS 200000L
#ifdef EMULATED
#define STEPS 1000
#else
#define STEPS 20000 /* some 50 microseconds */
#endif
#define ALTERNATE_STACK 65536

struct worker {
  const char *name;
  void (*round)(struct worker *worker); /* one piece of its work, over and over */
  void (*ping)(struct worker *worker);  /* what ends its waiting; null if it does not wait */
  void (*begin)(void);                  /* what it sets up first; may be null */
  pthread_t thread;
  pid_t tid; /* before the fork */
  void *stack; /* the alternate one for signals */
  int signals; /* guarded by the lock; how often it may go on */
  _Atomic long rounds;
  _Atomic int finish;
  _Atomic pid_t answer; /* the thread id that it has had when it got a signal */
  _Atomic int interrupted; /* by such a signal */
};

static _Thread_local struct worker *self;
static const char *_Atomic stage = "start";
static const char *_Atomic whose = "";

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "process %d, stage %s %s: ", getpid(), stage, whose);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  _exit(1);
}

#define CHECK(condition, ...) \
  do {                        \
    if (!(condition)) fail(#condition " " __VA_ARGS__); \
  } while (0)

static void on_ping(int signal) {
  (void)signal;
  atomic_store(&self->interrupted, 1);
  atomic_store(&self->answer, (pid_t)syscall(SYS_gettid));
}

static void nap(void) {
  struct timespec time = {0, NAP_NANOS};
  while (nanosleep(&time, &time) != 0) CHECK(errno == EINTR);
}

static void hold(struct worker *worker) {
  CHECK(hold_registers((long)worker->rounds << 20, STEPS) == 0, "registers of %s", worker->name);
}

/* Sums that stay in registers, against the same ones that were made before any fork. */
static uint64_t integers_expected;
static double floats_expected;

__attribute__((noinline)) static uint64_t integers(void) {
  uint64_t a = 1, b = 2, c = 3, d = 4;
  for (int i = 0; i < STEPS; i++) {
    a = a * 6364136223846793005u + b;
    b ^= a >> 7;
    c += b * 31;
    d = (d << 5 | d >> 59) ^ c;
  }
  return a ^ b ^ c ^ d;
}

__attribute__((noinline)) static double floats(void) {
  double a = 1, b = 0.5, c = 0.25;
  for (int i = 1; i < STEPS; i++) {
    a += b / i;
    b = b * 0.99999 + c;
    c = c * 0.5 + 1.0 / (a + i);
  }
  return a + b + c;
}

static void sum_integers(struct worker *worker) {
  CHECK(integers() == integers_expected, "of %s", worker->name);
}

static void sum_floats(struct worker *worker) {
  CHECK(floats() == floats_expected, "of %s", worker->name);
}

static void round_down(void) { CHECK(fesetround(FE_TOWARDZERO) == 0); }

static void divide(struct worker *worker) {
  (void)worker;
  CHECK(fegetround() == FE_TOWARDZERO);
  for (int i = 0; i < STEPS; i++) {
    volatile double one = 1, ten = 10;
    volatile double tenth = one / ten;
    CHECK(tenth < 0.1, "the constant is rounded up");
  }
}

static void allocate(struct worker *worker) {
  unsigned seed = (unsigned)worker->rounds;
  size_t size = 16 + rand_r(&seed) % 5000;
  unsigned char *memory = malloc(size);
  CHECK(memory != NULL);
  memset(memory, (int)(seed & 0xff), size);
  for (size_t i = 0; i < size; i += 15) CHECK(memory[i] == (seed & 0xff));
  free(memory);
}

static void sleep_shortly(struct worker *worker) {
  (void)worker;
  nap();
}

static pthread_mutex_t contended = PTHREAD_MUTEX_INITIALIZER;
static long first, second;

/* glibc knows the id of the calling thread. */
static void check_owner(void) { CHECK(contended.__data.__owner == syscall(SYS_gettid)); }

static void contend(struct worker *worker) {
  (void)worker;
  pthread_mutex_lock(&contended);
  CHECK(first == second);
  check_owner();
  first++;
  second++;
  pthread_mutex_unlock(&contended);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t signalled = PTHREAD_COND_INITIALIZER;

static void await_condition(struct worker *worker) {
  pthread_mutex_lock(&lock);
  while (worker->signals == 0) pthread_cond_wait(&signalled, &lock);
  worker->signals--;
  pthread_mutex_unlock(&lock);
}

static void await_condition_with_bound(struct worker *worker) {
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += 1000;
  pthread_mutex_lock(&lock);
  while (worker->signals == 0) CHECK(pthread_cond_timedwait(&signalled, &lock, &end) == 0);
  worker->signals--;
  pthread_mutex_unlock(&lock);
}

static void broadcast(struct worker *worker) {
  pthread_mutex_lock(&lock);
  worker->signals++;
  pthread_cond_broadcast(&signalled);
  pthread_mutex_unlock(&lock);
}

static _Atomic int word;
static int seen; /* of the word, by the one who waits for its next value: that may come early */

static void await_word(struct worker *worker) {
  while (atomic_load(&word) == seen && !worker->finish)
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
  seen = atomic_load(&word);
}

static void change_word(struct worker *worker) {
  (void)worker;
  atomic_fetch_add(&word, 1);
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0);
}

static int pipe_ends[2];

static void read_pipe(struct worker *worker) {
  char byte;
  long got = -1;
  while (!worker->finish && (got = read(pipe_ends[0], &byte, 1)) < 0)
    CHECK(errno == EINTR && atomic_exchange(&worker->interrupted, 0), "a fork is no interruption");
  CHECK(worker->finish || (got == 1 && byte == 'x'));
}

static void write_pipe(struct worker *worker) {
  (void)worker;
  CHECK(write(pipe_ends[1], "x", 1) == 1);
}

/* The parent's reader waits at the same pipe: this process gets one of its own. */
static void renew_pipe(struct worker *reader) {
  int fresh[2];
  CHECK(pipe2(fresh, O_CLOEXEC) == 0);
  for (int i = 0; i < 2; i++) {
    CHECK(dup3(fresh[i], pipe_ends[i], O_CLOEXEC) == pipe_ends[i]);
    close(fresh[i]);
  }
  pthread_kill(reader->thread, SIGUSR1); /* out of the old one, and back */
}

static struct worker workers[] = {
    {.name = "registers", .round = hold},
    {.name = "registers too", .round = hold},
    {.name = "integers", .round = sum_integers},
    {.name = "floats", .round = sum_floats},
    {.name = "rounding", .round = divide, .begin = round_down},
    {.name = "malloc", .round = allocate},
    {.name = "malloc too", .round = allocate},
    {.name = "nanosleep", .round = sleep_shortly},
    {.name = "mutex", .round = contend},
    {.name = "mutex too", .round = contend},
    /* By these names they are such as a child is without at first. */
    {.name = "Finalizer", .round = await_condition, .ping = broadcast},
    {.name = "Service Thread", .round = await_condition_with_bound, .ping = broadcast},
    {.name = "futex", .round = await_word, .ping = change_word},
    {.name = "read", .round = read_pipe, .ping = write_pipe},
};
#define WORKERS ((int)(sizeof workers / sizeof *workers))
#define READER (&workers[WORKERS - 1])

static struct worker main_worker = {.name = "main"}; /* waits for the thread that forks */

/* What the kernel keeps for each thread, as seen from within. */
static void check_own_state(struct worker *worker) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  CHECK(sigismember(&mask, SIGUSR2) == 1 && sigismember(&mask, SIGUSR1) == 0);
  stack_t alternate;
  CHECK(sigaltstack(NULL, &alternate) == 0);
  CHECK(alternate.ss_sp == worker->stack && alternate.ss_size == ALTERNATE_STACK);
  char name[16];
  prctl(PR_GET_NAME, name);
  CHECK(strcmp(name, worker->name) == 0, "is %s", name);
}

static void *work(void *argument) {
  struct worker *worker = self = argument;
  worker->tid = (pid_t)syscall(SYS_gettid);
  prctl(PR_SET_NAME, worker->name);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &mask, NULL);
  stack_t alternate = {.ss_sp = worker->stack, .ss_size = ALTERNATE_STACK};
  CHECK(sigaltstack(&alternate, NULL) == 0);
  if (worker->begin != NULL) worker->begin();
  while (!worker->finish) {
    CHECK(self == worker);
    worker->round(worker);
    check_own_state(worker);
    worker->rounds++;
    if (worker->rounds % 4 == 0 && worker->ping == NULL) nap(); /* so that all get their turn */
  }
  return worker;
}

#endif
