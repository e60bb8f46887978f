/* What the parts that know the virtual machine share. How they work together is told in jvm.c. */
#ifndef MULTIPROCESSING_JVM_H
#define MULTIPROCESSING_JVM_H

#include <jni.h>
#include <jvmti.h>

#include "fork.h"

/* jvm.c */
extern jvmtiEnv *mp_jvmti;

/* A Java thread that was suspended for a fork. */
struct suspended {
  jthread thread;
  char *java_thread; /* the virtual machine's record of it */
  int is_carrier;    /* whether it carries virtual threads */
  int is_own;        /* whether it was suspended for the fork, and not by the user before that */
  jthread mounted;   /* the virtual thread on it, or null */
  int is_waiting;    /* whether it was found to wait in Java */
  int is_suitable;
  int is_given_up; /* whether it has loaded a class for so long that the child must do without that */
  long patience; /* how long to let it run when it stands at a bad place */
};

/* suspend.c */
extern struct suspended *mp_suspended;
extern int mp_suspended_count;
int mp_suspend_prepare(JNIEnv *env); /* once; gives 0 if this JDK is not as known */
char *mp_record_of(JNIEnv *env, jthread thread);
int mp_is_suspended(const char *java_thread);
int mp_suspend_new(JNIEnv *env); /* gives how many were not suspended yet, or -errno */
void mp_let_go(struct suspended *one);
void mp_suspend_again(struct suspended *one);
void mp_let_all_go(JNIEnv *env);
void mp_allow_virtual_threads(const jthread *running, int count); /* in the child: new ones */

/* What a frame of a stack says about the thread (judge.c). */
enum {
  LOADING = 1, /* amid loading, initialising or linking a class, or starting a thread */
  LOCKING = 2, /* in a part of the JDK that works under a lock which the child will want */
  LIBRARY = 4, /* in this library */
  BUSY = 8,    /* at the top of the stack: amid changing a queue, or in a method with a lock */
  OF_JDK = 16,
  ROOT = 32, /* the bottom of a virtual thread's stack */
  LOADING_BY_OWN = 64, /* amid loading a class, maybe by a loader of the program's own */
  MOUNTING = 128 /* a carrier that is about to go on with a virtual thread */
};
int mp_judge_prepare(void); /* at each fork */
int mp_verdict_on(JNIEnv *env, jthread thread, uint64_t *place); /* what is equal where it stands still */
/*
 * Whether a thread that was suspended on its way back from the machine may be about to run Java for
 * it, amid the linking of a class: it then holds the lock of that class.
 */
int mp_may_link(jthread thread);

/* classes.c */
int mp_classes_find(void); /* once; gives 0 if this JDK is not as known */
/* Visits who initialises a class until a visit gives something else than 0, and returns that. */
int mp_each_initialiser(int (*visit)(const char *java_thread));

/*
 * child.c: what the JDK knows of the process; pools.c: its pools and virtual threads. What prepares
 * is for the parent, and gives 0 if this JDK is not as known.
 */
int mp_child_prepare(JNIEnv *env);
void mp_child_reset(JNIEnv *env, jobject caller);

extern int mp_has_virtual_threads, mp_has_pollers; /* as far as known */
int mp_pools_prepare(JNIEnv *env);
int mp_virtual_prepare(JNIEnv *env); /* for what is known to be there */
void mp_pools_reset(JNIEnv *env, jobject caller);

#endif
