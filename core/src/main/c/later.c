/*
 * Threads that a child can do without for its first moments. A thread of the virtual machine that
 * waits for work costs a child as much to make and to end as one that works, and most children that
 * end at once never have work for it: so it is made when its child has lived for a while. Until then
 * it is as one that the scheduler does not let go on: it stands in a system call, holds no lock, and
 * finds what there was for it to do when it makes that call again.
 *
 * They are made by a thread that does nothing else, of which glibc knows nothing: it shares the record
 * of the one that started it, so it must not call what notes errno there.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fork.h"

#define STACK 16384

static _Atomic int missing; /* how many threads nobody has set about to make */
static _Atomic int maker;   /* the id of the thread that will make them, until it has ended */
static _Atomic int hurries; /* how often that was told another time */
static _Atomic long due;    /* when it is to make them, by the monotonic clock */
static _Alignas(16) char stack[STACK];
static struct context begin;

/*
 * Whether a thread waits for work, by a condition or a semaphore of glibc's (one that waits for a mutex
 * may hold another one). Not the machine's main thread, and not the one by which it ends.
 */
static int is_idle(const struct slot *slot) {
  static const char *const names[] = {
      "C1 CompilerThre", "C2 CompilerThre", "Reference Handl", "Finalizer",      "Signal Dispatch",
      "Service Thread",  "Monitor Deflati", "Notification Th", "Common-Cleaner", "Cleaner-0"};
  /* A wait with a time limit is broken by the signal; what it was is known by its operation alone. */
  if ((slot->call != SYS_futex && slot->call != BROKEN_CALL) ||
      (slot->operation & ~(uint64_t)FUTEX_CLOCK_REALTIME) != FUTEX_WAIT_BITSET_PRIVATE)
    return 0;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(slot->name, names[i]) == 0) return 1;
  return 0;
}

/*
 * Marks the threads that the child can do without for a while; gives how many. The compilers wait by
 * one condition: all of them are late or none is, for who wakes a thread by it may have to wait until
 * all have gone on that were woken before (glibc).
 */
int mp_choose_late(struct slot *slots, int count) {
  static const char compilers[] = "CompilerThre";
  int late = 0, busy = 0;
  for (int i = 0; i < count; i++)
    busy |= strstr(slots[i].name, compilers) != NULL && !is_idle(&slots[i]);
  for (int i = 0; i < count; i++) {
    struct slot *slot = &slots[i];
    slot->late = slot->kept && is_idle(slot) && !(busy && strstr(slot->name, compilers) != NULL);
    late += slot->late;
  }
  return late;
}

void mp_note_missing(int count) { atomic_store(&missing, count); }

static void make(void) {
  if (atomic_exchange(&missing, 0) > 0 && mp_make_threads(1) < 0) _exit(120);
}

/* A system call that leaves errno alone. */
static long call(long number, const void *first, long second, long third, const void *fourth) {
#if defined(__x86_64__)
  long result;
  register const void *r10 __asm__("r10") = fourth;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "0"(number), "D"(first), "S"(second), "d"(third), "r"(r10)
                   : "rcx", "r11", "memory");
  return result;
#else
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = (long)first;
  register long x1 __asm__("x1") = second;
  register long x2 __asm__("x2") = third;
  register const void *x3 __asm__("x3") = fourth;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
#endif
}

static void make_when_due(void) {
  while (1) {
    int seen = atomic_load(&hurries);
    long left = atomic_load(&due) - nanos_now();
    if (left <= 0) break;
    struct timespec limit = {left / 1000000000L, left % 1000000000L};
    call(SYS_futex, &hurries, FUTEX_WAIT_PRIVATE, seen, &limit);
  }
  make();
  while (1) call(SYS_exit, NULL, 0, 0, NULL);
}

/*
 * Has the threads that are missing made in so long, and returns at once. When it is called again, the
 * new time counts.
 */
long mp_threads_soon(long nanos) {
  if (atomic_load(&missing) == 0) return 0;
  atomic_store(&due, nanos_now() + nanos);
  if (atomic_load(&maker) != 0) {
    atomic_fetch_add(&hurries, 1);
    syscall(SYS_futex, &hurries, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    return 1;
  }
  const unsigned long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                              CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  begin.words[0] = (uint64_t)(uintptr_t)(stack + STACK - 64);
#if defined(__x86_64__)
  begin.words[0] -= 8; /* where a function would find the way back */
#endif
  begin.words[1] = (uint64_t)(uintptr_t)make_when_due;
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  if (mp_clone(flags, stack, &maker, &maker, NULL, &begin) < 0) make();
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return 1;
}

/* Makes the threads that are missing, if there are any, and waits until there are none. */
void mp_threads_now(void) {
  make();
  for (int tid; (tid = atomic_load(&maker)) != 0;) /* the kernel wakes as if it were another process */
    syscall(SYS_futex, &maker, FUTEX_WAIT, tid, NULL, NULL, 0);
}
