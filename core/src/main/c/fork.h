/* What the parts of the helper share. How the whole works is told in fork.c and jvm.c. */
#ifndef MULTIPROCESSING_FORK_H
#define MULTIPROCESSING_FORK_H

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "stop.h"

#define MAX_THREADS 4096
#define MILLISECOND 1000000L

/* What a thread was doing for the kernel when it was stopped: a system call's number, or: */
enum { NO_CALL = -1, BROKEN_CALL = -2 }; /* broken: one that waited, and now gives EINTR */

struct slot {
  pid_t tid;
  _Atomic int state;
  int kept; /* whether the child gets this thread */
  int late; /* whether it gets it later than others */
  int call;
  uint64_t argument, operation; /* the first two of the call */
  const void *at;    /* the instruction to go on with */
  char *thread_pointer;
  void *robust_list;
  size_t robust_length;
  char name[16];
  struct context context;
};

/* How one fork goes. */
struct plan {
  int sibling; /* whether the child is to be one of the caller's parent */
  long end;    /* when to give up waiting for threads to stop, by the monotonic clock */
  /* If not null, called when all threads stand still: clears `kept` of those that the child is not
     to have. Returns 0, or an error number with which nothing is forked. */
  int (*choose)(struct slot *slots, int count);
  /* If not null, called in the child before any thread runs there. */
  void (*repair)(void);
  /* If not null, called in the child before that: marks threads that mp_threads_soon can make, and
     gives how many. */
  int (*choose_late)(struct slot *slots, int count);
};

/* fork.c */
long mp_fork_by(const struct plan *plan);
long nanos_now(void);
void mp_complete(void);
int mp_make_threads(int late);
int thread_id_offset(void); /* of the kernel's id of a thread from its thread pointer; 0: unknown */

/* later.c */
int mp_choose_late(struct slot *slots, int count);
void mp_note_missing(int count);
void mp_threads_now(void);

/* repair.c: both use system calls alone */
void mp_repair_descriptors(void);
void mp_repair_signals(void);
void *mp_memory(size_t size); /* pages that cost nothing until used; null if there are none */

/* layout.c: before the threads stop, and whether one that runs may be at work in the linker */
void mp_find_libraries(void);
int mp_may_be_linking(const struct slot *slot);

/* heap.c: before the threads stop, and while they stand still */
void mp_find_heap(void);
void mp_drop_free_heap(void);

/*
 * Visits the entries of a folder of /proc whose names are numbers, by system calls alone, until a
 * visit gives something else than 0. Returns that, or -errno (files.c).
 */
int mp_each_number(const char *path, int (*visit)(int folder, int number, const char *name));

/* In the child: opens anew what is open for reading alone (files.c). */
void mp_own_files(void);

#endif
