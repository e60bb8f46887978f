/*
 * What a child of fork sets right in the Java heap before its one thread goes on: what the JDK knows
 * of the process: its id, hooks that belong to the parent. By JNI, which asks for no opened modules.
 * All is looked up in the parent, once, so that the child loads no class for it; what a JDK does not
 * have under its known name is left alone, except what a child cannot be without.
 */
#define _GNU_SOURCE
#include "java.h"
#include "jvm.h"
#include "layout.h"

#include <unistd.h>

static struct {
  struct place hooks, files, current_process;
  jclass identity_map, linked_set;
  jmethodID make_identity_map, make_linked_set, process_start;
  jfieldID process_pid, process_started;
} java;

JNIEnv *mp_env(void) {
  typedef jint (*lister)(JavaVM **, jsize, jsize *);
  lister list = (lister)mp_symbol("JNI_GetCreatedJavaVMs");
  JavaVM *machine;
  JNIEnv *env;
  jsize count = 0;
  if (list == NULL || list(&machine, 1, &count) != JNI_OK || count != 1) return NULL;
  return (*machine)->GetEnv(machine, (void **)&env, JNI_VERSION_21) == JNI_OK ? env : NULL;
}

jclass mp_find(JNIEnv *env, const char *name) {
  jclass local = (*env)->FindClass(env, name);
  (*env)->ExceptionClear(env);
  return local == NULL ? NULL : (*env)->NewGlobalRef(env, local);
}

jfieldID mp_field(JNIEnv *env, jclass holder, const char *name, const char *type) {
  jfieldID field = holder == NULL ? NULL : (*env)->GetFieldID(env, holder, name, type);
  (*env)->ExceptionClear(env);
  return field;
}

jmethodID mp_method(JNIEnv *env, jclass holder, const char *name, const char *type) {
  jmethodID method = holder == NULL ? NULL : (*env)->GetMethodID(env, holder, name, type);
  (*env)->ExceptionClear(env);
  return method;
}

jmethodID mp_static_method(JNIEnv *env, jclass holder, const char *name, const char *type) {
  jmethodID method =
      holder == NULL ? NULL : (*env)->GetStaticMethodID(env, holder, name, type);
  (*env)->ExceptionClear(env);
  return method;
}

struct place mp_place(JNIEnv *env, const char *holder, const char *name, const char *type) {
  struct place place = {mp_find(env, holder), NULL};
  if (place.holder != NULL)
    place.field = (*env)->GetStaticFieldID(env, place.holder, name, type);
  (*env)->ExceptionClear(env);
  return place;
}

jobject mp_get(JNIEnv *env, struct place place) {
  return place.field == NULL ? NULL : (*env)->GetStaticObjectField(env, place.holder, place.field);
}

static void put_new(JNIEnv *env, struct place place, jclass type, jmethodID maker) {
  jobject fresh = (*env)->NewObject(env, type, maker);
  if (fresh != NULL && place.field != NULL)
    (*env)->SetStaticObjectField(env, place.holder, place.field, fresh);
}

int mp_child_prepare(JNIEnv *env) {
  java.hooks = mp_place(env, "java/lang/ApplicationShutdownHooks", "hooks", "Ljava/util/IdentityHashMap;");
  java.files = mp_place(env, "java/io/DeleteOnExitHook", "files", "Ljava/util/LinkedHashSet;");
  java.identity_map = mp_find(env, "java/util/IdentityHashMap");
  java.make_identity_map = mp_method(env, java.identity_map, "<init>", "()V");
  java.linked_set = mp_find(env, "java/util/LinkedHashSet");
  java.make_linked_set = mp_method(env, java.linked_set, "<init>", "()V");
  java.current_process =
      mp_place(env, "java/lang/ProcessHandleImpl", "current", "Ljava/lang/ProcessHandleImpl;");
  java.process_pid = mp_field(env, java.current_process.holder, "pid", "J");
  java.process_started = mp_field(env, java.current_process.holder, "startTime", "J");
  java.process_start = mp_static_method(env, java.current_process.holder, "isAlive0", "(J)J");
  mp_seeds_prepare(env, 1);
  return java.hooks.field != NULL && java.make_identity_map != NULL;
}

static void reset_process(JNIEnv *env) {
  jobject current = mp_get(env, java.current_process);
  if (current == NULL || java.process_pid == NULL || java.process_started == NULL) return;
  jlong pid = (jlong)getpid();
  (*env)->SetLongField(env, current, java.process_pid, pid);
  if (java.process_start != NULL)
    (*env)->SetLongField(env, current, java.process_started,
                         (*env)->CallStaticLongMethod(env, java.current_process.holder,
                                                      java.process_start, pid));
}

void mp_child_reset(JNIEnv *env, jobject caller) {
  mp_pools_reset(env, caller);
  put_new(env, java.hooks, java.identity_map, java.make_identity_map);
  put_new(env, java.files, java.linked_set, java.make_linked_set);
  mp_seeds_reset(env, caller);
  reset_process(env);
  (*env)->ExceptionClear(env);
}
