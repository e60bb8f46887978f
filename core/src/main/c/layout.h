/* Where things are in the virtual machine, see layout.c. */
#ifndef MULTIPROCESSING_LAYOUT_H
#define MULTIPROCESSING_LAYOUT_H

#include <jni.h>

#include "fork.h"

struct layout {
  long record_size, state, os_thread, pthread_id, list_length, list_threads; /* offsets */
  char **list;
  long criticals; /* offset of how many critical sections a thread is in; 0: not known */
  long routine; /* of the function that a thread began with, from its thread pointer */
  long tid;     /* of a thread's id from its pthread_t */
};

extern struct layout mp_layout;

enum { IN_NATIVE = 4, BLOCKED = 10 }; /* JavaThreadState */

/* Once, in the parent. The first gives 0 if the machine or the C library is not as known. */
int mp_layout_find(void);
void mp_find_criticals(JNIEnv *env, const char *java_thread);
void *mp_symbol(const char *name);

/* The offset of a field of the machine's own classes, or its address if it is static; -1: none. */
long mp_offset(const char *type, const char *name);
long mp_size_of(const char *type); /* -1: not known */
int mp_constant(const char *name); /* -1: not known */

pid_t mp_tid_of(const char *java_thread);
int mp_state_of(const char *java_thread);
int mp_criticals_of(const char *java_thread);
int mp_is_of_machine(const struct slot *slot);
int mp_is_harmless(const struct slot *slot);

/* In the child, before any thread goes on. */
void mp_clear_criticals(char *java_thread);
void mp_repair_counters(void);

#endif
