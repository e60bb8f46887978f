/*
 * Forks a process together with all of its threads.
 *
 * fork() copies the calling thread alone, and a Java virtual machine without its other threads stops
 * at its next safepoint. So every thread is stopped by a signal, in whose handler it notes where it
 * stands; the process is cloned; in the child each thread is made anew on its old stack, and returns
 * from the handler, which puts every register back and starts an interrupted system call again. Then
 * the gate opens on both sides.
 *
 * Within a handler, and in the child before the gate opens, only system calls and memory are used: a
 * stopped thread may hold any lock of the C library.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "fork.h"

#define RED_ZONE 256
#define STOP_SIGNAL (SIGRTMAX - 3)

enum { ASKED, PARKED, GONE };

static struct slot *slots;
static int slot_count;
static _Atomic int parked;  /* how many threads wait at the gate */
static _Atomic int resumed; /* how many threads of the child have come up */
static int awaited;         /* how many are to come up */
static _Atomic int gate;    /* number of the last stop that is over */
static _Atomic int stop;    /* number of the last stop that was begun */
static int tid_offset;      /* of a thread's id from its thread pointer, within glibc's record of it */
static pid_t own_pid;

static void futex_wait(_Atomic int *word, int value, long nanos) {
  struct timespec limit = {nanos / 1000000000L, nanos % 1000000000L};
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, nanos < 0 ? NULL : &limit, NULL, 0);
}

static void futex_wake(_Atomic int *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 0x7fffffff, NULL, NULL, 0);
}

static void add(_Atomic int *word, int delta) {
  atomic_fetch_add(word, delta);
  futex_wake(word);
}

long nanos_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

static char *thread_pointer(void) { return __builtin_thread_pointer(); }

static void await_gate(int number) {
  for (int seen; (seen = atomic_load(&gate)) < number;) futex_wait(&gate, seen, -1);
}

/*
 * Which system call the signal interrupted. The kernel has then set the thread back to the
 * instruction that makes the call, to be made again, or has gone on past it with EINTR as the result.
 */
static int interrupted_call(const ucontext_t *context, struct slot *slot) {
#if defined(__x86_64__)
  slot->argument = (uint64_t)context->uc_mcontext.gregs[REG_RDI];
  slot->operation = (uint64_t)context->uc_mcontext.gregs[REG_RSI];
  const uint8_t *at = slot->at = (const uint8_t *)context->uc_mcontext.gregs[REG_RIP];
  long result = context->uc_mcontext.gregs[REG_RAX];
  if (at[0] == 0x0f && at[1] == 0x05) return (int)result; /* which is the number, until it is made */
  if (result == -EINTR && at[-2] == 0x0f && at[-1] == 0x05) return BROKEN_CALL;
#else
  slot->argument = context->uc_mcontext.regs[0];
  slot->operation = context->uc_mcontext.regs[1];
  const uint32_t *at = slot->at = (const uint32_t *)context->uc_mcontext.pc;
  if (at[0] == 0xd4000001) return (int)context->uc_mcontext.regs[8];
  if ((long)context->uc_mcontext.regs[0] == -EINTR && at[-1] == 0xd4000001) return BROKEN_CALL;
#endif
  return NO_CALL;
}

static void on_stop(int signal, siginfo_t *info, void *interrupted) {
  (void)signal;
  if (info->si_code != SI_QUEUE || info->si_pid != own_pid) return; /* not from here */
  int saved_errno = errno;
  int number = atomic_load(&stop);
  struct slot *slot = info->si_value.sival_ptr;
  if (atomic_load(&gate) < number && slot->tid == (pid_t)syscall(SYS_gettid)) {
    slot->thread_pointer = thread_pointer();
    syscall(SYS_get_robust_list, 0, &slot->robust_list, &slot->robust_length);
    prctl(PR_GET_NAME, slot->name);
    slot->call = interrupted_call(interrupted, slot);
    if (mp_save(&slot->context) == 0) {
      atomic_store(&slot->state, PARKED);
      add(&parked, 1);
      await_gate(number);
      add(&parked, -1);
    } else { /* in the child: a new thread in the place of the old one */
      syscall(SYS_set_robust_list, slot->robust_list, slot->robust_length);
      if (__rseq_size != 0)
        syscall(SYS_rseq, thread_pointer() + __rseq_offset, 32, 0, RSEQ_SIG);
      prctl(PR_SET_NAME, slot->name);
      add(&resumed, 1);
      await_gate(number);
    }
  }
  errno = saved_errno;
}

static int is_known(pid_t tid) {
  for (int i = 0; i < slot_count; i++)
    if (slots[i].tid == tid) return 1;
  return 0;
}

static void ask(pid_t tid) {
  struct slot *slot = &slots[slot_count++];
  memset(slot, 0, sizeof *slot);
  slot->tid = tid;
  slot->kept = 1;
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = STOP_SIGNAL;
  info.si_code = SI_QUEUE;
  info.si_pid = own_pid;
  info.si_value.sival_ptr = slot;
  if (syscall(SYS_rt_tgsigqueueinfo, own_pid, tid, STOP_SIGNAL, &info) < 0 && errno == ESRCH)
    slot->state = GONE;
}

static int ask_if_new(int folder, int tid, const char *name) {
  (void)folder, (void)name;
  if (tid == (pid_t)syscall(SYS_gettid) || is_known(tid)) return 0;
  if (slot_count == MAX_THREADS) return -EAGAIN;
  ask(tid);
  return 0;
}

/* Asks each thread that is not known yet to stop. Returns how many those were, or -errno. */
static int ask_new_threads(void) {
  int before = slot_count;
  int result = mp_each_number("/proc/self/task", ask_if_new);
  return result < 0 ? result : slot_count - before;
}

static int count_asked(void) {
  int asked = 0;
  for (int i = 0; i < slot_count; i++) {
    if (atomic_load(&slots[i].state) != ASKED) continue;
    if (syscall(SYS_tgkill, own_pid, slots[i].tid, 0) < 0)
      atomic_store(&slots[i].state, GONE);
    else
      asked++;
  }
  return asked;
}

/* Stops all threads but the caller, in one attempt. Returns 0 or -errno. */
static int stop_all(long end) {
  slot_count = 0;
  atomic_store(&stop, atomic_load(&gate) + 1);
  while (1) { /* a thread may have been started by another one that had not stopped yet */
    int found = ask_new_threads();
    if (found <= 0) return found;
    for (int seen = atomic_load(&parked); count_asked() > 0; seen = atomic_load(&parked)) {
      if (nanos_now() > end) return -ETIMEDOUT;
      futex_wait(&parked, seen, MILLISECOND);
    }
  }
}

static void open_gate(void) {
  atomic_store(&gate, atomic_load(&stop));
  futex_wake(&gate);
}

/* In the parent: lets all threads go on, and waits until they do, for their slots are used again. */
static void let_go(void) {
  open_gate();
  for (int seen; (seen = atomic_load(&parked)) > 0;) futex_wait(&parked, seen, -1);
}

/*
 * Stops all threads but the caller. Returns 0 or -errno. A thread that begins or ends takes no
 * signals for a moment, in which it may want a lock of one that has stopped already: so all are let
 * go again after a while, and the next attempt has more patience.
 */
static int stop_until(long end) {
  for (long patience = 20 * MILLISECOND;; patience *= 2) {
    long until = nanos_now() + patience;
    if (until > end) until = end;
    int result = stop_all(until);
    if (result != -ETIMEDOUT || until == end) return result;
    let_go();
  }
}

/*
 * glibc keeps a thread's id in its own record of it, which begins at the thread pointer or ends there.
 * It has told the kernel where; an old kernel, or one without checkpoints, does not repeat that. Then
 * it is looked for: from the thread pointer on, for what lies beyond the record may not be mapped.
 */
int thread_id_offset(void) {
#if defined(__x86_64__)
  const int first = 64, last = 2304, step = 4;
#else
  const int first = -4, last = -2304, step = -4;
#endif
  pid_t tid = (pid_t)syscall(SYS_gettid);
  char *told = NULL;
  if (prctl(PR_GET_TID_ADDRESS, &told) == 0 && told != NULL && *(pid_t *)told == tid &&
      labs(told - thread_pointer()) < 2304)
    return (int)(told - thread_pointer());
  for (int offset = first; offset != last; offset += step)
    if (*(pid_t *)(thread_pointer() + offset) == tid) return offset;
  return 0;
}

/*
 * In the child: makes the other threads anew, those that it needs at once or those that can wait.
 * Returns how many, or -errno.
 */
int mp_make_threads(int late) {
  const unsigned long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                              CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
                              CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
  int made = 0;
  for (int i = 0; i < slot_count; i++) {
    struct slot *slot = &slots[i];
    if (atomic_load(&slot->state) != PARKED) continue;
    char *tid = slot->thread_pointer + tid_offset;
    if (!slot->kept && !late) *(pid_t *)tid = 0; /* as when it has ended: its number is another's now */
    if (!slot->kept || slot->late != late) continue;
    char *stack = (char *)(slot->context.words[0] - RED_ZONE);
    long made_tid = mp_clone(flags, stack, tid, tid, slot->thread_pointer, &slot->context);
    if (made_tid < 0) return (int)made_tid;
    made++;
  }
  return made;
}

static void await_resumed(void) {
  for (int seen; (seen = atomic_load(&resumed)) < awaited;) futex_wait(&resumed, seen, -1);
}

/* In the child: makes the other threads anew, or notes that they are to be made. */
static int recreate_threads(int (*choose_late)(struct slot *slots, int count)) {
  for (int i = 0; i < slot_count; i++) slots[i].kept &= atomic_load(&slots[i].state) == PARKED;
  int late = choose_late == NULL ? 0 : choose_late(slots, slot_count);
  int made = mp_make_threads(0);
  if (made < 0) return made;
  awaited = made;
  await_resumed();
  awaited += late;
  mp_note_missing(late);
  return 0;
}

/* Sees to it that this process, if it was forked, has all of its threads. */
void mp_complete(void) {
  mp_threads_now();
  await_resumed();
}

static int prepare(void) {
  if (slots == NULL) slots = mp_memory(MAX_THREADS * sizeof *slots);
  if (slots == NULL) return -ENOMEM;
  tid_offset = thread_id_offset();
  if (tid_offset == 0) return -ENOSYS;
  own_pid = (pid_t)syscall(SYS_getpid);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_stop;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  return sigaction(STOP_SIGNAL, &action, NULL) < 0 ? -errno : 0;
}

static long clone_process(int sibling) {
  unsigned long flags =
      SIGCHLD | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | (sibling ? CLONE_PARENT : 0);
  char *tid = thread_pointer() + tid_offset;
#if defined(__x86_64__)
  long result = syscall(SYS_clone, flags, 0L, NULL, tid, 0L);
#else
  long result = syscall(SYS_clone, flags, 0L, NULL, 0L, tid);
#endif
  return result < 0 ? -errno : result;
}

/*
 * Forks by the plan; not by two threads at a time. Returns 0 in the child, its pid in the parent, or
 * -errno: -ETIMEDOUT if a thread does not stop, -ENOSYS if this is not glibc as known, or what the
 * plan or the system says. After an error all goes on as it was. A child that cannot be made whole
 * exits with status 120.
 */
long mp_fork_by(const struct plan *plan) {
  int prepared = prepare();
  if (prepared < 0) return prepared;
  mp_complete(); /* the slots are used again */
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  atomic_store(&resumed, 0);
  awaited = 0;
  long result = stop_until(plan->end);
  if (result == 0 && plan->choose != NULL) result = plan->choose(slots, slot_count);
  if (result == 0) result = clone_process(plan->sibling);
  if (result == 0) {
    atomic_store(&parked, 0);
    own_pid = (pid_t)syscall(SYS_getpid);
    mp_own_files();
    if (plan->repair != NULL) plan->repair();
    if (recreate_threads(plan->choose_late) < 0) _exit(120);
    open_gate();
  } else {
    let_go();
  }
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return result;
}

/*
 * The lock of the dynamic linker is recursive: it is given back only by the thread whose number it
 * has noted, and in the child that number is another one. So nobody may be forked amid it.
 */
static int choose_all(struct slot *slots, int count) {
  for (int i = 0; i < count; i++)
    if (slots[i].state == PARKED && slots[i].call == NO_CALL && mp_may_be_linking(&slots[i]))
      return -EAGAIN;
  mp_drop_free_heap();
  return 0;
}

/*
 * Forks with all threads, for a process that has no others than the virtual machine's own. Waits so
 * long for them to stop. sibling, and what it returns: see struct plan and mp_fork_by.
 */
long mp_fork(int sibling, long bound_nanos) {
  mp_find_heap();
  mp_find_libraries();
  struct plan plan = {
      .sibling = sibling, .end = nanos_now() + bound_nanos, .choose = choose_all, .choose_late = mp_choose_late};
  long result;
  while ((result = mp_fork_by(&plan)) == -EAGAIN && nanos_now() < plan.end) sched_yield();
  return result;
}
