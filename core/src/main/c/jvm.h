/* What jvm.c and child.c share: the virtual machine as JNI and JVMTI show it. */
#ifndef MULTIPROCESSING_JVM_H
#define MULTIPROCESSING_JVM_H

#include <jni.h>
#include <jvmti.h>

/* A Java thread that was suspended for a fork. */
struct suspended {
  jthread thread;
  char *java_thread; /* the virtual machine's record of it */
  int is_carrier;    /* whether it carries virtual threads */
  int is_own;        /* whether it was suspended for the fork, and not by the user before that */
  jthread mounted;   /* the virtual thread on it, or null */
  int is_mounted_own;
  int is_waiting; /* whether it was found to wait in Java */
  int is_suitable;
  long patience; /* how long to let it run when it stands at a bad place */
};

/* jvm.c */
extern struct suspended *mp_suspended;
extern int mp_suspended_count;
void mp_let_go(JNIEnv *env, struct suspended *suspended);

/* child.c; the two that prepare are for the parent, and give 0 if this JDK is not as known */
extern int mp_has_virtual_threads, mp_has_pollers;
int mp_child_prepare(JNIEnv *env);
int mp_virtual_prepare(JNIEnv *env);
int mp_is_poller(JNIEnv *env, jobject thread); /* one by which the JDK waits for others' sockets */
void mp_child_reset(JNIEnv *env, jobject caller);

#endif
