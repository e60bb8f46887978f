/*
 * What a child of fork sets right in the Java heap before its one thread goes on: what the JDK knows
 * of the process (its id, hooks that belong to the parent, seeds of random numbers), and virtual
 * threads. By JNI, which asks for no opened modules. All is looked up in the parent, once, so that
 * the child loads no class for it; what a JDK does not have under its known name is left alone,
 * except what a child cannot be without.
 */
#define _GNU_SOURCE
#include "jvm.h"

#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A static field of a class. */
struct place {
  jclass holder;
  jfieldID field;
};

static struct {
  struct place hooks, files, seeder, default_gen, current_process, prng[3];
  jclass identity_map, linked_set;
  jmethodID make_identity_map, make_linked_set, set_long, process_start;
  jfieldID process_pid, process_started, thread_seed, prng_buffered;
  jobject random; /* of Math.random */
  jmethodID set_seed;
  jclass virtual_thread, containers;
  jfieldID virtual_state, scheduler;
  jmethodID root, threads, children, to_array, parallelism, set_parallelism;
  struct place pollers;
  jclass lock_support;
  jmethodID unpark;
  jfieldID read_pollers, write_pollers, poller_thread;
} java;

int mp_has_virtual_threads, mp_has_pollers;

static jclass find(JNIEnv *env, const char *name) {
  jclass local = (*env)->FindClass(env, name);
  (*env)->ExceptionClear(env);
  return local == NULL ? NULL : (*env)->NewGlobalRef(env, local);
}

static jfieldID field(JNIEnv *env, jclass holder, const char *name, const char *type) {
  jfieldID field = holder == NULL ? NULL : (*env)->GetFieldID(env, holder, name, type);
  (*env)->ExceptionClear(env);
  return field;
}

static jmethodID method(JNIEnv *env, jclass holder, const char *name, const char *type) {
  jmethodID method = holder == NULL ? NULL : (*env)->GetMethodID(env, holder, name, type);
  (*env)->ExceptionClear(env);
  return method;
}

static struct place place(JNIEnv *env, const char *holder, const char *name, const char *type) {
  struct place place = {find(env, holder), NULL};
  if (place.holder != NULL)
    place.field = (*env)->GetStaticFieldID(env, place.holder, name, type);
  (*env)->ExceptionClear(env);
  return place;
}

static jobject get(JNIEnv *env, struct place place) {
  return place.field == NULL ? NULL : (*env)->GetStaticObjectField(env, place.holder, place.field);
}

static void put_new(JNIEnv *env, struct place place, jclass type, jmethodID maker) {
  jobject fresh = (*env)->NewObject(env, type, maker);
  if (fresh != NULL && place.field != NULL)
    (*env)->SetStaticObjectField(env, place.holder, place.field, fresh);
}

int mp_child_prepare(JNIEnv *env) {
  static const char prng[] = "Lsun/security/provider/NativePRNG$RandomIO;";
  java.hooks = place(env, "java/lang/ApplicationShutdownHooks", "hooks", "Ljava/util/IdentityHashMap;");
  java.files = place(env, "java/io/DeleteOnExitHook", "files", "Ljava/util/LinkedHashSet;");
  java.identity_map = find(env, "java/util/IdentityHashMap");
  java.make_identity_map = method(env, java.identity_map, "<init>", "()V");
  java.linked_set = find(env, "java/util/LinkedHashSet");
  java.make_linked_set = method(env, java.linked_set, "<init>", "()V");
  java.seeder = place(env, "java/util/concurrent/ThreadLocalRandom", "seeder",
                      "Ljava/util/concurrent/atomic/AtomicLong;");
  java.default_gen = place(env, "java/util/SplittableRandom", "defaultGen",
                           "Ljava/util/concurrent/atomic/AtomicLong;");
  java.set_long = method(env, find(env, "java/util/concurrent/atomic/AtomicLong"), "set", "(J)V");
  java.thread_seed = field(env, find(env, "java/lang/Thread"), "threadLocalRandomSeed", "J");
  java.prng[0] = place(env, "sun/security/provider/NativePRNG", "INSTANCE", prng);
  java.prng[1] = place(env, "sun/security/provider/NativePRNG$Blocking", "INSTANCE", prng);
  java.prng[2] = place(env, "sun/security/provider/NativePRNG$NonBlocking", "INSTANCE", prng);
  java.prng_buffered = field(env, find(env, "sun/security/provider/NativePRNG$RandomIO"), "buffered", "I");
  struct place random = place(env, "java/lang/Math$RandomNumberGeneratorHolder",
                              "randomNumberGenerator", "Ljava/util/Random;");
  java.random = (*env)->NewGlobalRef(env, get(env, random));
  java.set_seed = method(env, find(env, "java/util/Random"), "setSeed", "(J)V");
  java.current_process =
      place(env, "java/lang/ProcessHandleImpl", "current", "Ljava/lang/ProcessHandleImpl;");
  java.process_pid = field(env, java.current_process.holder, "pid", "J");
  java.process_started = field(env, java.current_process.holder, "startTime", "J");
  if (java.current_process.holder != NULL)
    java.process_start =
        (*env)->GetStaticMethodID(env, java.current_process.holder, "isAlive0", "(J)J");
  (*env)->ExceptionClear(env);
  return java.hooks.field != NULL && java.make_identity_map != NULL;
}

static jobjectArray array_of(JNIEnv *env, jobject holder, jmethodID stream_of) {
  jobject stream = holder == NULL ? NULL : (*env)->CallObjectMethod(env, holder, stream_of);
  jobjectArray array = stream == NULL ? NULL : (*env)->CallObjectMethod(env, stream, java.to_array);
  if ((*env)->ExceptionCheck(env)) {
    (*env)->ExceptionClear(env);
    array = NULL;
  }
  if (stream != NULL) (*env)->DeleteLocalRef(env, stream);
  return array;
}

static jsize length_of(JNIEnv *env, jobjectArray array) {
  return array == NULL ? 0 : (*env)->GetArrayLength(env, array);
}

/* If `thread` is null, all pollers are woken: each registers anew with the master poller. */
int mp_is_poller(JNIEnv *env, jobject thread) {
  jobject pollers = mp_has_pollers ? get(env, java.pollers) : NULL;
  int found = 0;
  for (int way = 0; pollers != NULL && way < 2 && !found; way++) {
    jobjectArray array =
        (*env)->GetObjectField(env, pollers, way == 0 ? java.read_pollers : java.write_pollers);
    for (jsize i = 0; i < length_of(env, array) && !found; i++) {
      jobject poller = (*env)->GetObjectArrayElement(env, array, i);
      jobject owner = (*env)->GetObjectField(env, poller, java.poller_thread);
      if (thread == NULL && owner != NULL)
        (*env)->CallStaticVoidMethod(env, java.lock_support, java.unpark, owner);
      else
        found = (*env)->IsSameObject(env, owner, thread);
      (*env)->DeleteLocalRef(env, owner);
      (*env)->DeleteLocalRef(env, poller);
    }
    (*env)->DeleteLocalRef(env, array);
  }
  if (pollers != NULL) (*env)->DeleteLocalRef(env, pollers);
  return found;
}

/* Marks the virtual threads of a container, and of those within it, as terminated if `for_good`. */
static void terminate(JNIEnv *env, jobject container, int for_good) {
  const jint terminated = 99;
  jobjectArray threads = array_of(env, container, java.threads);
  for (jsize i = 0; i < length_of(env, threads); i++) {
    jobject thread = (*env)->GetObjectArrayElement(env, threads, i);
    if ((*env)->IsInstanceOf(env, thread, java.virtual_thread) && !mp_is_poller(env, thread) && for_good)
      (*env)->SetIntField(env, thread, java.virtual_state, terminated);
    (*env)->DeleteLocalRef(env, thread);
  }
  if (threads != NULL) (*env)->DeleteLocalRef(env, threads);
  jobjectArray children = array_of(env, container, java.children);
  for (jsize i = 0; i < length_of(env, children); i++) {
    jobject child = (*env)->GetObjectArrayElement(env, children, i);
    terminate(env, child, for_good);
    (*env)->DeleteLocalRef(env, child);
  }
  if (children != NULL) (*env)->DeleteLocalRef(env, children);
}

static void terminate_all(JNIEnv *env, int for_good) {
  jobject root = (*env)->CallStaticObjectMethod(env, java.containers, java.root);
  (*env)->ExceptionClear(env);
  terminate(env, root, for_good);
}

int mp_virtual_prepare(JNIEnv *env) {
  static int is_done, is_poller_done;
  if (mp_has_virtual_threads && !is_done) {
    java.virtual_thread = find(env, "java/lang/VirtualThread");
    java.virtual_state = field(env, java.virtual_thread, "state", "I");
    java.scheduler = (*env)->GetStaticFieldID(env, java.virtual_thread, "DEFAULT_SCHEDULER",
                                              "Ljava/util/concurrent/ForkJoinPool;");
    (*env)->ExceptionClear(env);
    jclass pool = find(env, "java/util/concurrent/ForkJoinPool");
    java.parallelism = method(env, pool, "getParallelism", "()I");
    java.set_parallelism = method(env, pool, "setParallelism", "(I)I");
    java.containers = find(env, "jdk/internal/vm/ThreadContainers");
    java.root = (*env)->GetStaticMethodID(env, java.containers, "root",
                                          "()Ljdk/internal/vm/ThreadContainer;");
    (*env)->ExceptionClear(env);
    jclass container = find(env, "jdk/internal/vm/ThreadContainer");
    java.threads = method(env, container, "threads", "()Ljava/util/stream/Stream;");
    java.children = method(env, container, "children", "()Ljava/util/stream/Stream;");
    java.to_array = method(env, find(env, "java/util/stream/Stream"), "toArray", "()[Ljava/lang/Object;");
    if (java.virtual_state == NULL || java.scheduler == NULL || java.set_parallelism == NULL ||
        java.root == NULL || java.threads == NULL || java.children == NULL || java.to_array == NULL)
      return 0;
    is_done = 1;
  }
  if (mp_has_pollers && !is_poller_done) {
    jclass pollers = find(env, "sun/nio/ch/Poller$Pollers");
    java.pollers = place(env, "sun/nio/ch/Poller", "POLLERS", "Lsun/nio/ch/Poller$Pollers;");
    java.read_pollers = field(env, pollers, "readPollers", "[Lsun/nio/ch/Poller;");
    java.write_pollers = field(env, pollers, "writePollers", "[Lsun/nio/ch/Poller;");
    java.poller_thread = field(env, java.pollers.holder, "owner", "Ljava/lang/Thread;");
    java.lock_support = find(env, "java/util/concurrent/locks/LockSupport");
    java.unpark = (*env)->GetStaticMethodID(env, java.lock_support, "unpark", "(Ljava/lang/Thread;)V");
    (*env)->ExceptionClear(env);
    if (java.pollers.field == NULL || java.read_pollers == NULL || java.write_pollers == NULL ||
        java.poller_thread == NULL || java.unpark == NULL)
      return 0;
    is_poller_done = 1;
  }
  if (mp_has_virtual_threads && is_done == 1) {
    terminate_all(env, 0); /* so that nothing of it is new to the child */
    is_done = 2;
  }
  return 1;
}

static void reset_virtual_threads(JNIEnv *env) {
  int held = 0;
  if (!mp_has_virtual_threads) return;
  terminate_all(env, 1);
  for (int i = 0; i < mp_suspended_count; i++) {
    struct suspended *one = &mp_suspended[i];
    if (!one->is_carrier || !one->is_own) continue;
    if (one->mounted == NULL)
      mp_let_go(env, one);
    else
      held++;
  }
  jobject scheduler = (*env)->GetStaticObjectField(env, java.virtual_thread, java.scheduler);
  if (held > 0) {
    jint parallelism = (*env)->CallIntMethod(env, scheduler, java.parallelism);
    (*env)->CallIntMethod(env, scheduler, java.set_parallelism, parallelism + held);
    (*env)->ExceptionClear(env);
  }
  mp_is_poller(env, NULL);
}

static jlong fresh_seed(void) {
  jlong seed = 0;
  syscall(SYS_getrandom, &seed, sizeof seed, 0);
  return seed;
}

static void reset_seeds(JNIEnv *env, jobject caller) {
  jobject seeder = get(env, java.seeder), default_gen = get(env, java.default_gen);
  if (seeder != NULL) (*env)->CallVoidMethod(env, seeder, java.set_long, fresh_seed());
  if (default_gen != NULL) (*env)->CallVoidMethod(env, default_gen, java.set_long, fresh_seed());
  if (java.thread_seed != NULL) (*env)->SetLongField(env, caller, java.thread_seed, fresh_seed());
  if (java.random != NULL)
    (*env)->CallVoidMethod(env, java.random, java.set_seed, fresh_seed());
  for (int i = 0; i < 3; i++) {
    jobject prng = get(env, java.prng[i]);
    if (prng != NULL && java.prng_buffered != NULL)
      (*env)->SetIntField(env, prng, java.prng_buffered, 0);
  }
}

static void reset_process(JNIEnv *env) {
  jobject current = get(env, java.current_process);
  if (current == NULL || java.process_pid == NULL || java.process_started == NULL) return;
  jlong pid = (jlong)getpid();
  (*env)->SetLongField(env, current, java.process_pid, pid);
  if (java.process_start != NULL)
    (*env)->SetLongField(env, current, java.process_started,
                         (*env)->CallStaticLongMethod(env, java.current_process.holder,
                                                      java.process_start, pid));
}

void mp_child_reset(JNIEnv *env, jobject caller) {
  reset_virtual_threads(env);
  put_new(env, java.hooks, java.identity_map, java.make_identity_map);
  put_new(env, java.files, java.linked_set, java.make_linked_set);
  reset_seeds(env, caller);
  reset_process(env);
  (*env)->ExceptionClear(env);
}
