/* Classes, fields and methods by name. What is not there is null, and no exception is left. */
#ifndef MULTIPROCESSING_JAVA_H
#define MULTIPROCESSING_JAVA_H

#include <jni.h>

/* A static field of a class. */
struct place {
  jclass holder;
  jfieldID field;
};

/* child.c */
JNIEnv *mp_env(void); /* what the calling thread uses to reach Java; null if it cannot */
jclass mp_find(JNIEnv *env, const char *name); /* for good */
jfieldID mp_field(JNIEnv *env, jclass holder, const char *name, const char *type);
jmethodID mp_method(JNIEnv *env, jclass holder, const char *name, const char *type);
jmethodID mp_static_method(JNIEnv *env, jclass holder, const char *name, const char *type);
struct place mp_place(JNIEnv *env, const char *holder, const char *name, const char *type);
jobject mp_get(JNIEnv *env, struct place place);

/* seeds.c: prepares in the parent, once; resets in the child. */
void mp_seeds_prepare(JNIEnv *env, int rare); /* also what few programs use? */
void mp_seeds_reset(JNIEnv *env, jobject caller);

#endif
