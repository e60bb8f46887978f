/*
 * Forks a Java virtual machine that runs user's threads, of which the child keeps the caller alone.
 *
 * Why the child is sound. The virtual machine in the child must be in a state in which that of the
 * parent could have been as well, only with the other threads of the user never going on again.
 *
 * 1. Every Java thread but the caller and the machine's own is suspended by JVMTI. From then on it is
 *    either blocked inside the machine, or runs native code and blocks when it comes back from
 *    there. Neither hinders a safepoint, a collection or a handshake, however long it lasts.
 * 2. A suspended thread may have been caught amid something that the child needs: loading a class,
 *    linking, a lock of the JDK, starting a thread. Its stack tells (judge.c), and what the machine
 *    knows of classes that are being initialised (classes.c). It is let go for some microseconds, and
 *    looked at again; what it has started meanwhile is suspended, too. If that does not help all are
 *    let go, since it may wait for one of the others. All of this is bounded in time.
 * 3. Then all threads of the process are stopped by a signal (fork.c). Only now, when nothing moves,
 *    it is decided for each whether the child has it:
 *    - a thread of the machine's own goes on in the child as if nothing had been: whatever lock it
 *      holds, it gives back. It is known by the function it began with, which lies in libjvm;
 *    - a suspended one that is blocked in the machine goes on in the child too, but only up to the
 *      place where it stays suspended. It must be there: it may be one of those that wait on a
 *      condition variable, and glibc's broadcast waits for all that do;
 *    - a suspended one in native code is left out if it waits for the kernel (read, accept, poll ...),
 *      else it would take the parent's input; or if it computes outside of the C library, whose
 *      locks it then does not hold. Its stack and its record stay, so the machine goes on believing
 *      in it, and never waits for it: it comes out of its critical sections (JNI) in the record;
 *    - one that is elsewhere in native code may hold the lock of malloc: all threads but the
 *      suspended go on, and are stopped again;
 *    - a thread that the machine does not know (of a native library) is left out, as fork() does.
 * 4. A virtual thread that is mounted is suspended, and its carrier with it. In the child all virtual
 *    threads of the parent are marked as terminated, and the JDK's pools are emptied (pools.c).
 *
 * What the user must know is what holds for POSIX threads: a lock that one of his other threads holds,
 * or waits for, at the fork must not be used in the child.
 */
#define _GNU_SOURCE
#include "java.h"
#include "jvm.h"
#include "layout.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fork.h"

#define MICROSECOND 1000L
#define SECOND 1000000000L
#define MOST_PAUSE (40 * MILLISECOND) /* where there is much to do, a thread has to wait for its turn */
#define LEAST_ROUND (20 * MILLISECOND)
#define MOST_PATIENCE (5 * SECOND) /* with one that is each time at another bad place */
#define MOST_STOPS 50 /* in a row, before all are let go */

jvmtiEnv *mp_jvmti;
static int unsuitable; /* which of the suspended hindered the fork; -1: one that is not suspended */
static char *reason;
static size_t reason_size;

#define JVMTI(function, ...) (*mp_jvmti)->function(mp_jvmti, __VA_ARGS__)

static const char unknown[] =
    "this Java virtual machine is not laid out as the fork helper knows it; use the start method"
    " spawn or forkserver";

static long refuse(int error, const char *text) {
  snprintf(reason, reason_size, "%s", text);
  return -error;
}

/* --- once, at the first fork -------------------------------------------------------------------- */

/* ZGC's heap is a shared mapping: parent and child would write into each other's objects. */
static int is_heap_shared(void) {
  int is_shared = 0;
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) return 0;
  while (!is_shared && fgets(line, sizeof line, maps) != NULL)
    is_shared = strstr(line, "java_heap") != NULL && strstr(line, " rw-s ") != NULL;
  fclose(maps);
  return is_shared;
}

static long prepare(JNIEnv **env) {
  JavaVM *machine;
  *env = mp_env();
  if (*env == NULL || (**env)->GetJavaVM(*env, &machine) != JNI_OK) return refuse(ENOSYS, unknown);
  if (mp_jvmti != NULL) return 0;
  if (is_heap_shared())
    return refuse(EOPNOTSUPP, "the heap of this garbage collector is shared memory, which a child"
                              " would go on sharing; run with -XX:+UseSerialGC, -XX:+UseParallelGC"
                              " or -XX:+UseG1GC, or use another start method");
  if (!mp_layout_find() || !mp_classes_find()) return refuse(ENOSYS, unknown);
  if (!mp_child_prepare(*env) || !mp_pools_prepare(*env)) return refuse(ENOSYS, unknown);
  if ((*machine)->GetEnv(machine, (void **)&mp_jvmti, JVMTI_VERSION_21) != JNI_OK) {
    mp_jvmti = NULL;
    return refuse(ENOSYS, unknown);
  }
  jvmtiCapabilities wanted;
  memset(&wanted, 0, sizeof wanted);
  wanted.can_suspend = 1;
  wanted.can_support_virtual_threads = 1;
  wanted.can_get_bytecodes = 1;
  if (JVMTI(AddCapabilities, &wanted) != JVMTI_ERROR_NONE) {
    (*mp_jvmti)->DisposeEnvironment(mp_jvmti);
    mp_jvmti = NULL;
    return refuse(EBUSY, "a debugger or agent owns the right to suspend threads (JVMTI can_suspend);"
                         " run without -agentlib:jdwp, or use another start method");
  }
  jthread caller = NULL;
  JVMTI(GetCurrentThread, &caller);
  if (!mp_suspend_prepare(*env) || caller == NULL) {
    (*mp_jvmti)->DisposeEnvironment(mp_jvmti);
    mp_jvmti = NULL;
    return refuse(ENOSYS, unknown);
  }
  mp_find_criticals(*env, mp_record_of(*env, caller));
  return 0;
}

/* --- looking at what a suspended thread does ---------------------------------------------------- */

/* Whether a thread in this system call waits for the kernel, and holds no lock of the C library. */
static int is_waiting_call(int call) {
  static const short waiting[] = {
      SYS_futex, SYS_read, SYS_readv, SYS_write, SYS_writev, SYS_recvfrom, SYS_recvmsg, SYS_sendto,
      SYS_sendmsg, SYS_accept, SYS_accept4, SYS_connect, SYS_wait4, SYS_waitid, SYS_ppoll,
      SYS_pselect6, SYS_epoll_pwait, SYS_nanosleep, SYS_clock_nanosleep, SYS_flock, SYS_fcntl,
      SYS_openat, SYS_rt_sigtimedwait, SYS_semtimedop,
#if defined(__x86_64__)
      SYS_poll, SYS_select, SYS_epoll_wait, SYS_open, SYS_pause,
#endif
  };
  for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++)
    if (waiting[i] == call) return 1;
  return call == BROKEN_CALL;
}

/* Which system call a thread is in, seen from outside; BROKEN_CALL if that cannot be seen. */
static int observed_call(pid_t tid, uint64_t *argument) {
  char path[48], text[64], *end;
  snprintf(path, sizeof path, "/proc/self/task/%d/syscall", tid);
  *argument = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return BROKEN_CALL;
  long n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return BROKEN_CALL;
  text[n] = 0;
  if (text[0] < '0' || text[0] > '9') return NO_CALL;
  int call = (int)strtol(text, &end, 10);
  *argument = strtoul(end, NULL, 16);
  return call;
}

/*
 * Whether a thread that is blocked in the machine is so because it is suspended (or parked), and not
 * because it waits for a lock of the machine, after which it may go back to native code: what it
 * waits on is then within its own record.
 */
static int is_held(const char *java_thread, int call, uint64_t argument) {
  uint64_t record = (uint64_t)(uintptr_t)java_thread;
  return call == SYS_futex && argument >= record && argument < record + (uint64_t)mp_layout.record_size;
}

/*
 * Whether a thread waits in the machine for input: the one by which jcmd attaches does. One that
 * sleeps there waits for others.
 */
static int awaits_input(int call) {
  return call >= 0 && call != SYS_futex && call != SYS_nanosleep && call != SYS_clock_nanosleep &&
         is_waiting_call(call);
}

/* Whether a suspended thread waits in Java: parked, asleep, for a monitor. */
static int is_waiting(const struct suspended *one) {
  const jint waiting = JVMTI_THREAD_STATE_WAITING | JVMTI_THREAD_STATE_SLEEPING |
                       JVMTI_THREAD_STATE_PARKED | JVMTI_THREAD_STATE_BLOCKED_ON_MONITOR_ENTER;
  jint state = 0;
  JVMTI(GetThreadState, one->mounted != NULL ? one->mounted : one->thread, &state);
  return (state & waiting) != 0;
}

/* Threads that stand still at bad places, and for how long, though they were let go in between. */
static struct standing {
  const char *java_thread;
  uint64_t place;
  long since;
} standing[MAX_THREADS];
static int standing_count;

static long stood(const char *java_thread, uint64_t place) {
  int i = 0;
  while (i < standing_count && standing[i].java_thread != java_thread) i++;
  if (i == MAX_THREADS) return 0;
  if (i == standing_count) standing[standing_count++].place = ~place;
  if (standing[i].place != place)
    standing[i] = (struct standing){java_thread, place, nanos_now()};
  return nanos_now() - standing[i].since;
}

enum { SUITABLE, IN_NATIVE_CODE, IN_MACHINE, IN_BAD_PLACE };

/*
 * Whether the child can do with a thread suspended where this one is. `tried`: for how long it has
 * been looked for at a better place: the child may fare worse with it here, but a fork is better
 * than none. Not so with a thread that gets classes ready, or is at work in what every program uses:
 * it must have stood still.
 */
static int look(JNIEnv *env, struct suspended *one, long tried) {
  if (!one->is_own) return SUITABLE; /* suspended before: it does not exist, or the user takes care */
  uint64_t argument, place;
  int stands = one->is_waiting = is_waiting(one);
  if (mp_state_of(one->java_thread) == IN_NATIVE) {
    stands = is_waiting_call(observed_call(mp_tid_of(one->java_thread), &argument));
  } else if (!stands) {
    int call = observed_call(mp_tid_of(one->java_thread), &argument);
    if (call != BROKEN_CALL && !awaits_input(call) && !is_held(one->java_thread, call, argument)) {
      /* It cannot mount a suspended virtual thread; in the child it can as little. */
      one->is_waiting = one->is_carrier && one->mounted == NULL &&
                        (mp_verdict_on(env, one->thread, &place) & MOUNTING) != 0;
      if (!one->is_waiting) return IN_MACHINE;
    }
  }
  if (one->is_carrier && one->mounted == NULL) /* it has no part in the child's scheduler */
    return mp_verdict_on(env, one->thread, &place) & LOADING ? IN_BAD_PLACE : SUITABLE;
  jthread thread = one->mounted != NULL ? one->mounted : one->thread;
  int verdict = mp_verdict_on(env, thread, &place);
  if ((verdict & (LOADING | LOADING_BY_OWN | LOCKING)) != 0) {
    long patience = (verdict & (LOADING | LOADING_BY_OWN)) != 0 ? 2 * SECOND : SECOND;
    if (!stands || stood(one->java_thread, place) < patience) return IN_BAD_PLACE;
    one->is_given_up = 1;
  }
  if (stands) return SUITABLE;
  if (mp_state_of(one->java_thread) == BLOCKED && mp_may_link(thread)) return IN_BAD_PLACE;
  return (verdict & (LIBRARY | BUSY)) != 0 && tried < MOST_PATIENCE ? IN_BAD_PLACE : SUITABLE;
}

static void linger(long nanos) {
  if (nanos > 200 * MICROSECOND) {
    struct timespec time = {0, nanos};
    nanosleep(&time, NULL);
    return;
  }
  for (long end = nanos_now() + nanos; nanos_now() < end;) sched_yield();
}

/* Whether a thread that was let go is as it was, for so long at most. */
static int is_still(JNIEnv *env, const struct suspended *one, int (*is)(const char *), long end) {
  return nanos_now() < end && mp_record_of(env, one->thread) == one->java_thread &&
         is(one->java_thread);
}

static int is_blocked(const char *java_thread) { return mp_state_of(java_thread) == BLOCKED; }

/*
 * Brings a thread to another place. Where it has been `tried` for long, it has to wait for a
 * processor, or has much to do until it comes to another place.
 */
static void move(JNIEnv *env, struct suspended *one, int (*from)(const char *), long tried) {
  long end = nanos_now() + MILLISECOND + tried / 50;
  mp_let_go(one);
  while (is_still(env, one, from, end)) sched_yield();
  linger(one->patience * (1 + tried / (50 * MILLISECOND)));
  one->patience = (one->patience + 3 * MICROSECOND) % (80 * MICROSECOND);
  mp_suspend_again(one);
  one->is_suitable = 0;
}

static void explain(JNIEnv *env, int index, int verdict) {
  jvmtiThreadInfo info;
  jvmtiFrameInfo frame;
  jclass declarer;
  jint count = 0;
  char *type = NULL, *method = NULL;
  struct suspended *one = &mp_suspended[index < 0 ? 0 : index];
  jthread thread = one->mounted != NULL ? one->mounted : one->thread;
  if (index < 0 || JVMTI(GetThreadInfo, thread, &info) != JVMTI_ERROR_NONE) {
    snprintf(reason, reason_size, "threads of native code kept coming; fork when there is less to do");
    return;
  }
  if (JVMTI(GetStackTrace, thread, 0, 1, &frame, &count) == JVMTI_ERROR_NONE && count == 1 &&
      JVMTI(GetMethodDeclaringClass, frame.method, &declarer) == JVMTI_ERROR_NONE) {
    JVMTI(GetClassSignature, declarer, &type, NULL);
    JVMTI(GetMethodName, frame.method, &method, NULL, NULL);
    (*env)->DeleteLocalRef(env, declarer);
  }
  snprintf(reason, reason_size,
           "the thread \"%s\" does not leave %s (at %s.%s); fork while it does something else, or use"
           " the start method forkserver or spawn",
           info.name,
           verdict == IN_BAD_PLACE ? "class loading, or other work of the JDK under a lock"
           : verdict == IN_MACHINE ? "the virtual machine"
                                   : "native code",
           type == NULL ? "?" : type, method == NULL ? "?" : method);
}

/*
 * Moves all to suitable places, in turns: one may wait for what another one holds. Returns 0, or
 * -EAGAIN if all are to be let go and suspended anew, or -ETIMEDOUT after `end`.
 */
static int settle(JNIEnv *env, long begin, long bound, long round_end) {
  for (int unsuited = 1, waiting = 0; unsuited > 0;) {
    if (waiting > 0) /* maybe for the collector, and that for critical sections to be left */
      for (int i = 0; i < mp_suspended_count; i++) {
        struct suspended *one = &mp_suspended[i];
        if (!one->is_own || mp_criticals_of(one->java_thread) == 0) continue;
        if (one->is_carrier) return -EAGAIN;
        move(env, one, mp_criticals_of, nanos_now() - begin);
      }
    unsuited = waiting = 0;
    for (int i = 0; i < mp_suspended_count; i++) {
      struct suspended *one = &mp_suspended[i];
      long now = nanos_now();
      int verdict = one->is_suitable ? SUITABLE : look(env, one, now - begin);
      one->is_suitable = verdict == SUITABLE;
      if (one->is_suitable) continue;
      if (now > begin + bound) {
        explain(env, i, verdict);
        return -ETIMEDOUT;
      }
      if (now > round_end) return -EAGAIN;
      if (verdict == IN_MACHINE) { /* where it stops soon */
        sched_yield();
        waiting++;
      } else if (one->is_carrier) {
        return -EAGAIN;
      } else {
        move(env, one, is_blocked, now - begin);
      }
      unsuited++;
    }
  }
  return 0;
}

/* --- choosing, when all stand still ------------------------------------------------------------- */

static struct slot *slot_of(struct slot *slots, int count, pid_t tid) {
  for (int i = 0; i < count; i++)
    if (slots[i].tid == tid) return &slots[i];
  return NULL;
}

/* Whether one of the suspended initialises a class, and may yet be found at a better place. */
static int hinders(const char *java_thread) {
  for (int i = 0; i < mp_suspended_count; i++) {
    struct suspended *one = &mp_suspended[i];
    if (one->java_thread != java_thread || !one->is_own || one->is_given_up) continue;
    unsuitable = i;
    return 1;
  }
  return 0;
}

static int choose(struct slot *slots, int count) {
  for (int i = 0; i < count; i++) slots[i].kept = mp_is_of_machine(&slots[i]);
  for (int i = 0; i < mp_suspended_count; i++) {
    const char *java_thread = mp_suspended[i].java_thread;
    if (java_thread == NULL) continue;
    struct slot *slot = slot_of(slots, count, mp_tid_of(java_thread));
    if (slot == NULL) continue; /* left out in the fork that made this process */
    unsuitable = i;
    switch (mp_state_of(java_thread)) {
      case BLOCKED:
        if (!mp_suspended[i].is_waiting && mp_suspended[i].is_own &&
            !awaits_input(slot->call) && !is_held(java_thread, slot->call, slot->argument))
          return -EAGAIN;
        slot->kept = !awaits_input(slot->call);
        break;
      case IN_NATIVE:
        if (!is_waiting_call(slot->call) && !mp_is_harmless(slot)) return -EAGAIN;
        slot->kept = 0;
        break;
      default:
        return -EAGAIN;
    }
  }
  /* A thread that came to know the machine just now may run Java: the child would wait for it. */
  unsuitable = -1;
  char *list = *mp_layout.list;
  char **threads = *(char ***)(list + mp_layout.list_threads);
  for (unsigned i = 0; i < *(unsigned *)(list + mp_layout.list_length); i++) {
    struct slot *slot = slot_of(slots, count, mp_tid_of(threads[i]));
    if (slot != NULL && !slot->kept && !mp_is_suspended(threads[i])) return -EAGAIN;
  }
  return mp_each_initialiser(hinders) != 0 ? -EBUSY : 0;
}

static void repair(void) {
  for (int i = 0; i < mp_suspended_count; i++)
    if (mp_suspended[i].java_thread != NULL) mp_clear_criticals(mp_suspended[i].java_thread);
  mp_repair_counters();
  mp_repair_descriptors();
  mp_repair_signals();
}

/* Suspends all, and forks if all are at suitable places. Returns as mp_fork_by, -EAGAIN: try again. */
static long attempt(JNIEnv *env, long begin, long bound, long pause) {
  /*
   * Not much longer than the threads ran before, for one may wait for another one that is suspended;
   * but longer from round to round, for several may be hard to find at a suitable place.
   */
  long now = nanos_now(), round = 4 * pause < LEAST_ROUND ? LEAST_ROUND : 4 * pause;
  long round_end = now + (round < (now - begin) / 2 ? (now - begin) / 2 : round);
  int found, known = mp_has_virtual_threads + mp_has_pollers;
  do { /* one that was brought to another place may have started a thread on the way */
    while ((found = mp_suspend_new(env)) > 0) {}
    if (found < 0) return refuse(ENOMEM, "out of memory");
    if (known != mp_has_virtual_threads + mp_has_pollers) return -EAGAIN; /* prepare for them */
    int settled = settle(env, begin, bound, round_end);
    if (settled < 0) return settled;
  } while (mp_suspend_new(env) != 0);
  const struct plan plan = {.end = nanos_now() + bound, .choose = choose, .repair = repair, .choose_late = mp_choose_late};
  long result = mp_fork_by(&plan);
  for (int i = 0; i < MOST_STOPS && result == -EAGAIN && nanos_now() < round_end; i++) {
    if (unsuitable < 0) return -EAGAIN;
    linger(20 * MICROSECOND * (1 + i % 8)); /* in native code they go on, though suspended */
    result = mp_fork_by(&plan);
  }
  if (result == -ETIMEDOUT) return refuse(ETIMEDOUT, "a thread does not answer a signal");
  if ((result == -EAGAIN || result == -EBUSY) && nanos_now() > begin + bound) {
    explain(env, unsuitable, result == -EBUSY ? IN_BAD_PLACE : IN_NATIVE_CODE);
    return -ETIMEDOUT;
  }
  return result == -EBUSY ? -EAGAIN : result;
}

/*
 * Forks this virtual machine with the caller as the only one of the user's threads; not by two
 * threads at a time, and not on a virtual one. Returns 0 in the child, its pid in the parent, or
 * -errno and why, for the user. Tries for so long; after an error everything goes on as it was.
 */
long mp_fork_caller(long bound_nanos, char *reason_buffer, long size) {
  JNIEnv *env;
  reason = reason_buffer;
  reason_size = (size_t)size;
  reason[0] = 0;
  long result = prepare(&env);
  if (result != 0) return result;
  mp_complete();
  (*env)->PushLocalFrame(env, 256);
  jthread caller = NULL;
  JVMTI(GetCurrentThread, &caller);
  if (!mp_judge_prepare()) result = refuse(ENOMEM, "out of memory");
  mp_suspended_count = standing_count = 0;
  long begin = nanos_now();
  for (long pause = 20 * MICROSECOND; result == 0; pause = pause > MOST_PAUSE ? pause : pause * 2) {
    result = mp_virtual_prepare(env) ? attempt(env, begin, bound_nanos, pause) : refuse(ENOSYS, unknown);
    if (result == 0) mp_child_reset(env, caller);
    if (result != 0) mp_let_all_go(env);
    if (result != -EAGAIN) break;
    linger(pause);
    result = 0;
  }
  (*env)->PopLocalFrame(env, NULL);
  return result;
}
