/*
 * What a child of fork sets right in the Java heap before its one thread goes on: what the JDK knows
 * of the process: its id, hooks that belong to the parent, seeds of random numbers. By JNI, which asks for no opened modules. All is looked up in the parent, once, so that
 * the child loads no class for it; what a JDK does not have under its known name is left alone,
 * except what a child cannot be without.
 */
#define _GNU_SOURCE
#include "java.h"
#include "jvm.h"

#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
  struct place hooks, files, seeder, default_gen, current_process, prng[3];
  jclass identity_map, linked_set, object;
  jmethodID make_identity_map, make_linked_set, make_object, set_long, process_start;
  jfieldID process_pid, process_started, thread_seed, prng_buffered, prng_locks[3], prng_mixer;
  jobject random; /* of Math.random */
  jmethodID set_seed;
} java;

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
  static const char prng[] = "Lsun/security/provider/NativePRNG$RandomIO;";
  java.hooks = mp_place(env, "java/lang/ApplicationShutdownHooks", "hooks", "Ljava/util/IdentityHashMap;");
  java.files = mp_place(env, "java/io/DeleteOnExitHook", "files", "Ljava/util/LinkedHashSet;");
  java.identity_map = mp_find(env, "java/util/IdentityHashMap");
  java.make_identity_map = mp_method(env, java.identity_map, "<init>", "()V");
  java.linked_set = mp_find(env, "java/util/LinkedHashSet");
  java.make_linked_set = mp_method(env, java.linked_set, "<init>", "()V");
  java.seeder = mp_place(env, "java/util/concurrent/ThreadLocalRandom", "seeder",
                      "Ljava/util/concurrent/atomic/AtomicLong;");
  java.default_gen = mp_place(env, "java/util/SplittableRandom", "defaultGen",
                           "Ljava/util/concurrent/atomic/AtomicLong;");
  java.set_long = mp_method(env, mp_find(env, "java/util/concurrent/atomic/AtomicLong"), "set", "(J)V");
  java.thread_seed = mp_field(env, mp_find(env, "java/lang/Thread"), "threadLocalRandomSeed", "J");
  java.prng[0] = mp_place(env, "sun/security/provider/NativePRNG", "INSTANCE", prng);
  java.prng[1] = mp_place(env, "sun/security/provider/NativePRNG$Blocking", "INSTANCE", prng);
  java.prng[2] = mp_place(env, "sun/security/provider/NativePRNG$NonBlocking", "INSTANCE", prng);
  jclass prng_type = mp_find(env, "sun/security/provider/NativePRNG$RandomIO");
  java.prng_buffered = mp_field(env, prng_type, "buffered", "I");
  java.prng_locks[0] = mp_field(env, prng_type, "LOCK_GET_BYTES", "Ljava/lang/Object;");
  java.prng_locks[1] = mp_field(env, prng_type, "LOCK_GET_SEED", "Ljava/lang/Object;");
  java.prng_locks[2] = mp_field(env, prng_type, "LOCK_SET_SEED", "Ljava/lang/Object;");
  java.prng_mixer = mp_field(env, prng_type, "mixRandom", "Lsun/security/provider/SecureRandom;");
  java.object = mp_find(env, "java/lang/Object");
  java.make_object = mp_method(env, java.object, "<init>", "()V");
  struct place random = mp_place(env, "java/lang/Math$RandomNumberGeneratorHolder",
                              "randomNumberGenerator", "Ljava/util/Random;");
  java.random = (*env)->NewGlobalRef(env, mp_get(env, random));
  java.set_seed = mp_method(env, mp_find(env, "java/util/Random"), "setSeed", "(J)V");
  java.current_process =
      mp_place(env, "java/lang/ProcessHandleImpl", "current", "Ljava/lang/ProcessHandleImpl;");
  java.process_pid = mp_field(env, java.current_process.holder, "pid", "J");
  java.process_started = mp_field(env, java.current_process.holder, "startTime", "J");
  java.process_start = mp_static_method(env, java.current_process.holder, "isAlive0", "(J)J");
  return java.hooks.field != NULL && java.make_identity_map != NULL;
}

static jlong fresh_seed(void) {
  jlong seed = 0;
  syscall(SYS_getrandom, &seed, sizeof seed, 0);
  return seed;
}

static void reset_seeds(JNIEnv *env, jobject caller) {
  jobject seeder = mp_get(env, java.seeder), default_gen = mp_get(env, java.default_gen);
  if (seeder != NULL) (*env)->CallVoidMethod(env, seeder, java.set_long, fresh_seed());
  if (default_gen != NULL) (*env)->CallVoidMethod(env, default_gen, java.set_long, fresh_seed());
  if (java.thread_seed != NULL) (*env)->SetLongField(env, caller, java.thread_seed, fresh_seed());
  if (java.random != NULL)
    (*env)->CallVoidMethod(env, java.random, java.set_seed, fresh_seed());
  for (int i = 0; i < 3; i++) {
    jobject prng = mp_get(env, java.prng[i]);
    if (prng == NULL) continue;
    if (java.prng_buffered != NULL) (*env)->SetIntField(env, prng, java.prng_buffered, 0);
    if (java.prng_mixer != NULL) (*env)->SetObjectField(env, prng, java.prng_mixer, NULL);
    for (int j = 0; j < 3; j++)
      if (java.prng_locks[j] != NULL)
        (*env)->SetObjectField(env, prng, java.prng_locks[j],
                               (*env)->NewObject(env, java.object, java.make_object));
  }
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
  reset_seeds(env, caller);
  reset_process(env);
  (*env)->ExceptionClear(env);
}
