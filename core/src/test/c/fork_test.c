/*
 * Forks itself, with threads that do all sorts of things, many times over. Each child looks if all
 * of its threads are whole, and ends them; the parent looks at the exit codes, and at its own.
 *
 *   fork_test FORKS
 *
 * Built with -DEMULATED it leaves out what qemu-user does not have: robust mutexes, rseq, and
 * children that are siblings.
 */
#define _GNU_SOURCE
#include <linux/rseq.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/wait.h>

#include "exports.h"
#include "workers.h"
#ifdef EMULATED
#include "emulated.h"
#else
static void note_emulators(int (*is_known)(long tid)) { (void)is_known; }
#endif

#define SECOND 1000000000L
#define PATIENCE_SECONDS 240 /* for a process that hangs, to say where */

/* ---- what is looked at -------------------------------------------------------------------- */

static void check_progress(void) {
  stage = "progress of";
  for (int i = 0; i < WORKERS; i++) {
    struct worker *worker = &workers[i];
    whose = worker->name;
    for (long end = worker->rounds + 2, asked = 0, now; (now = worker->rounds) < end; nap()) {
      if (worker->ping != NULL && asked <= now) {
        worker->ping(worker);
        asked = now + 1;
      }
    }
  }
}

/* Signals go to the thread that glibc takes for the one meant. */
static void check_ids(int is_child) {
  stage = "thread id of";
  for (int i = 0; i <= WORKERS; i++) {
    struct worker *worker = i < WORKERS ? &workers[i] : &main_worker;
    whose = worker->name;
    worker->answer = 0;
    CHECK(pthread_kill(worker->thread, SIGUSR1) == 0);
    while (worker->answer == 0) nap();
    CHECK((worker->answer != worker->tid) == is_child, "is %d, was %d", worker->answer, worker->tid);
    for (int j = 0; j < i; j++) CHECK(workers[j].answer != worker->answer);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", worker->answer);
    CHECK(access(path, F_OK) == 0);
  }
}

static int is_known(long tid) {
  int known = tid == syscall(SYS_gettid) || tid == main_worker.answer;
  for (int i = 0; i < WORKERS; i++) known |= tid == workers[i].answer;
  return known;
}

static void start(struct worker *worker) {
  if (worker->stack == NULL) worker->stack = malloc(ALTERNATE_STACK);
  CHECK(pthread_create(&worker->thread, NULL, work, worker) == 0);
}

static void finish(void) {
  for (int i = 0; i < WORKERS; i++) {
    struct worker *worker = &workers[i];
    stage = "end of";
    whose = worker->name;
    worker->finish = 1;
    if (worker->ping != NULL) worker->ping(worker);
    void *result;
    CHECK(pthread_join(worker->thread, &result) == 0);
    CHECK(result == worker);
  }
}

#ifndef EMULATED
/* A mutex whose owner ends is handed on by the kernel, which must know where to look. */
static pthread_mutex_t robust;

static _Atomic int robust_go;

static void lock_robust(struct worker *worker) {
  while (!robust_go) nap();
  CHECK(pthread_mutex_lock(&robust) == 0);
  worker->finish = 1;
}

static struct worker robust_worker = {.name = "robust", .round = lock_robust};

static void check_robust(void) {
  stage = "robust mutex";
  robust_go = 1;
  CHECK(pthread_join(robust_worker.thread, NULL) == 0);
  CHECK(pthread_mutex_lock(&robust) == EOWNERDEAD);
}

/* The kernel tells each thread which processor it is on, if it knows where to. */
static _Atomic int rseq_go;

static void await_rseq(struct worker *worker) {
  while (!rseq_go) nap();
  struct rseq *rseq = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
  cpu_set_t allowed;
  CHECK(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK(rseq->cpu_id == (uint32_t)cpu, "says %d, is %d", (int)rseq->cpu_id, cpu);
  }
  worker->finish = 1;
}

static struct worker rseq_worker = {.name = "rseq", .round = await_rseq};

static void check_rseq(void) {
  stage = "rseq";
  rseq_go = 1;
  CHECK(pthread_join(rseq_worker.thread, NULL) == 0);
}

static void begin_natively(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&robust, &attributes);
  start(&robust_worker);
  start(&rseq_worker);
}

static void check_natively(void) {
  check_robust();
  check_rseq();
}
#else
static void begin_natively(void) {}
static void check_natively(void) {}
#endif

/* ---- forks -------------------------------------------------------------------------------- */

static int exit_code(pid_t pid) {
  int status;
  while (waitpid(pid, &status, 0) < 0) CHECK(errno == EINTR);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int is_there(const struct worker *worker) {
  return pthread_kill(worker->thread, 0) == 0;
}

static _Atomic long *late; /* of all processes: how often a thread was not there at first */

/* Threads that wait come when they are told to. */
static void complete(void) {
  stage = "coming of";
  long told = mp_threads_soon(100 * SECOND);
  int missing = 0;
  for (int i = 0; i < WORKERS; i++) missing += !is_there(&workers[i]);
  CHECK(missing == 0 || told == 1, "%d are missing", missing);
  *late += missing;
  mp_threads_soon(SECOND / 500);
  for (int i = 0; i < WORKERS; i++) {
    whose = workers[i].name;
    while (!is_there(&workers[i])) nap();
  }
}

static void check_child(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(PATIENCE_SECONDS);
  CHECK(getpid() != parent && syscall(SYS_gettid) == getpid());
  complete();
  pthread_mutex_lock(&contended);
  check_owner();
  pthread_mutex_unlock(&contended);
  renew_pipe(READER);
  check_progress();
  check_ids(1);
  check_natively();
  finish();
  stage = "new thread";
  workers[0].finish = 0;
  start(&workers[0]);
  for (long end = workers[0].rounds + 2; workers[0].rounds < end;) nap();
  workers[0].finish = 1;
  CHECK(pthread_join(workers[0].thread, NULL) == 0);
  _exit(0);
}

static void fork_once(int number) {
  pid_t parent = getpid();
  stage = "fork";
  int holding = number % 2; /* whoever waits for the mutex then must get it later */
  if (holding) pthread_mutex_lock(&contended);
  long pid = mp_fork(0, 60 * SECOND);
  if (holding) pthread_mutex_unlock(&contended);
  CHECK(pid >= 0, "%s", strerror((int)-pid));
  if (pid == 0) check_child(parent);
  stage = "child";
  int code = exit_code((pid_t)pid);
  CHECK(code == 0, "exit code of fork %d: %d", number, code);
}

/* A child of which another thread forks, and, where it can, one whose child is its sibling. */
struct second_fork {
  int sibling;
  pid_t pid;
  int code; /* if it is for the process that forks to wait for it */
};

static void *fork_again(void *argument) {
  struct second_fork *second = argument;
  pid_t parent = getpid();
  long pid = mp_fork(second->sibling, 60 * SECOND);
  CHECK(pid >= 0, "%s", strerror((int)-pid));
  if (pid == 0) check_child(parent);
  second->pid = (pid_t)pid;
  if (!second->sibling) second->code = exit_code((pid_t)pid);
  return NULL; /* not before: the child is to be killed when the thread ends that has made it */
}

static void fork_of_a_fork(int sibling) {
  stage = sibling ? "sibling" : "grandchild";
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  long pid = mp_fork(0, 60 * SECOND);
  CHECK(pid >= 0);
  struct second_fork second = {.sibling = sibling};
#ifdef EMULATED
  const int whole = 1; /* the emulator's own threads are told from these by their ids */
#else
  const int whole = sibling; /* else those that are missing are made by the second fork */
#endif
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (whole) complete();
    if (whole) check_ids(1);
    note_emulators(is_known);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, fork_again, &second) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(write(ends[1], &second.pid, sizeof second.pid) == sizeof second.pid);
    _exit(second.code);
  }
  int code = exit_code((pid_t)pid);
  CHECK(code == 0, "is %d", code);
  CHECK(read(ends[0], &second.pid, sizeof second.pid) == sizeof second.pid);
  if (sibling) code = exit_code(second.pid);
  CHECK(code == 0, "is %d", code);
  close(ends[0]);
  close(ends[1]);
}

/* A thread that takes no signals cannot be stopped: a clean failure, and all go on. */
static _Atomic int deaf;

static void *take_no_signals(void *unused) {
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  deaf = 1;
  while (deaf) nap();
  pthread_sigmask(SIG_SETMASK, &old, NULL); /* what has been sent meanwhile comes now */
  return unused;
}

static void fail_to_fork(void) {
  stage = "deaf thread";
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, take_no_signals, NULL) == 0);
  while (!deaf) nap();
  CHECK(mp_fork(0, SECOND / 20) == -ETIMEDOUT);
  check_progress();
  check_ids(0);
  deaf = 0;
  CHECK(pthread_join(thread, NULL) == 0);
  fork_once(0);
}

static void on_alarm(int signal) {
  (void)signal;
  static const char text[] = "a process hangs, in stage ";
  const char *parts[] = {text, stage, " ", whose, "\n"};
  for (int i = 0; i < 5; i++)
    if (write(2, parts[i], strlen(parts[i])) < 0) break;
  _exit(2);
}

/* What the compiler has not needed so far must be right, too. */
static void clone_once(void) {
  stage = "registers of mp_clone";
  struct context context;
  long pid = clone_with_registers(&context, 1L << 40);
  if (pid < 2) _exit((int)pid);
  CHECK(exit_code((pid_t)pid) == 0);
}

static void set_up(void) {
  self = &main_worker;
  main_worker.thread = pthread_self();
  main_worker.tid = getpid();
  integers_expected = integers();
  floats_expected = floats();
  CHECK(pipe2(pipe_ends, O_CLOEXEC) == 0);
  struct sigaction action = {.sa_handler = on_alarm};
  sigaction(SIGALRM, &action, NULL);
  action.sa_handler = on_ping; /* no SA_RESTART: it is to get threads out of their waits */
  sigaction(SIGUSR1, &action, NULL);
  clone_once();
  note_emulators(is_known);
  for (int i = 0; i < WORKERS; i++) start(&workers[i]);
  begin_natively();
}

static void *run(void *argument) {
  int forks = *(int *)argument;
  check_progress();
  for (int i = 0; i < forks; i++) {
    alarm(PATIENCE_SECONDS);
    fork_once(i);
  }
  fork_of_a_fork(0);
#ifndef EMULATED
  fork_of_a_fork(1);
#endif
  fail_to_fork();
  check_progress();
  check_ids(0);
  finish();
  return argument;
}

int main(int count, char **arguments) {
  CHECK(count == 2, "usage: fork_test FORKS");
  int forks = atoi(arguments[1]);
  late = mmap(NULL, sizeof *late, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(late != MAP_FAILED);
  set_up();
  pthread_t forker; /* started last: qemu has numbers left only above that of who forks */
  CHECK(pthread_create(&forker, NULL, run, &forks) == 0);
  CHECK(pthread_join(forker, NULL) == 0);
  CHECK(*late > 0, "no thread was late");
  printf("%d forks\n", forks);
  return 0;
}
