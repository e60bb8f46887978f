/*
 * Suspends the Java threads of the user, and lets them go on.
 *
 * JVMTI waits, before it suspends or resumes a thread, until no virtual thread is about to be mounted
 * or unmounted. One that is may wait for the collector; and that waits, on Serial and Parallel, for
 * threads in critical sections (JNI), which may be among those that are suspended already. So virtual
 * threads are suspended first, all of them and those to come: from then on none is mounted or
 * unmounted. Then all platform threads are, at once. Only platform threads are moved by themselves;
 * where a virtual thread stands at a bad place, all are let go.
 */
#define _GNU_SOURCE
#include "jvm.h"

#include <errno.h>
#include <string.h>

struct suspended *mp_suspended;
int mp_suspended_count;

static jfieldID eetop; /* of a Java thread: its record */
static jvmtiError (*mounted_on)(jvmtiEnv *env, ...); /* the virtual thread on a carrier */
static int are_virtual_threads_suspended;

#define JVMTI(function, ...) (*mp_jvmti)->function(mp_jvmti, __VA_ARGS__)

char *mp_record_of(JNIEnv *env, jthread thread) {
  return (char *)(*env)->GetLongField(env, thread, eetop);
}

int mp_suspend_prepare(JNIEnv *env) {
  const char id[] = "com.sun.hotspot.functions.GetVirtualThread";
  jint count;
  jvmtiExtensionFunctionInfo *functions;
  jclass thread = (*env)->FindClass(env, "java/lang/Thread");
  eetop = (*env)->GetFieldID(env, thread, "eetop", "J");
  (*env)->ExceptionClear(env);
  if (JVMTI(GetExtensionFunctions, &count, &functions) != JVMTI_ERROR_NONE) return 0;
  for (int i = 0; i < count; i++)
    if (strcmp(functions[i].id, id) == 0) mounted_on = functions[i].func;
  mp_suspended = mp_memory(MAX_THREADS * sizeof *mp_suspended);
  return eetop != NULL && mounted_on != NULL && mp_suspended != NULL;
}

enum group { USERS, CARRIERS, MACHINES };

static enum group group_by_name(const char *name) {
  if (strcmp(name, "CarrierThreads") == 0) return CARRIERS;
  if (strcmp(name, "system") == 0 || strcmp(name, "InnocuousThreadGroup") == 0) return MACHINES;
  return USERS;
}

static enum group group_of(JNIEnv *env, jthread thread) {
  jvmtiThreadInfo info;
  jvmtiThreadGroupInfo group;
  enum group result = USERS;
  if (JVMTI(GetThreadInfo, thread, &info) != JVMTI_ERROR_NONE) return USERS;
  if (info.thread_group != NULL &&
      JVMTI(GetThreadGroupInfo, info.thread_group, &group) == JVMTI_ERROR_NONE) {
    result = group_by_name(group.name);
    JVMTI(Deallocate, (unsigned char *)group.name);
    (*env)->DeleteLocalRef(env, group.parent);
  }
  int is_poller = strcmp(info.name, "MasterPoller") == 0 || strcmp(info.name, "Read-Poller") == 0;
  /* These wait for input that is the parent's. */
  if (is_poller || strcmp(info.name, "Write-Poller") == 0 ||
      strcmp(info.name, "Attach Listener") == 0 || strcmp(info.name, "FileSystemWatchService") == 0)
    result = USERS;
  if (strcmp(info.name, "VirtualThread-unblocker") == 0) mp_has_virtual_threads = 1;
  if (is_poller) mp_has_pollers = 1;
  JVMTI(Deallocate, (unsigned char *)info.name);
  (*env)->DeleteLocalRef(env, info.thread_group);
  (*env)->DeleteLocalRef(env, info.context_class_loader);
  return result;
}

int mp_is_suspended(const char *java_thread) {
  for (int i = 0; i < mp_suspended_count; i++)
    if (mp_suspended[i].java_thread == java_thread) return 1;
  return 0;
}

/* Notes the threads that are to be suspended, from the present count on. Returns how many. */
static int note_new(JNIEnv *env, jthread *threads, jint count) {
  int found = 0;
  jthread caller = NULL;
  JVMTI(GetCurrentThread, &caller);
  char *own = mp_record_of(env, caller);
  (*env)->DeleteLocalRef(env, caller);
  for (jint i = 0; i < count; i++) {
    char *java_thread = mp_record_of(env, threads[i]);
    struct suspended *one = &mp_suspended[mp_suspended_count + found];
    enum group group = MACHINES;
    if (java_thread != NULL && java_thread != own && !mp_is_suspended(java_thread) &&
        mp_suspended_count + found < MAX_THREADS)
      group = group_of(env, threads[i]);
    if (group == MACHINES) {
      (*env)->DeleteLocalRef(env, threads[i]);
      continue;
    }
    memset(one, 0, sizeof *one);
    one->thread = threads[found++] = threads[i];
    one->java_thread = java_thread;
    one->is_carrier = group == CARRIERS;
  }
  return found;
}

int mp_suspend_new(JNIEnv *env) {
  static jvmtiError results[MAX_THREADS];
  jint count;
  jthread *threads;
  if (JVMTI(GetAllThreads, &count, &threads) != JVMTI_ERROR_NONE) return -ENOMEM;
  int found = note_new(env, threads, count), alive = 0;
  if (mp_has_virtual_threads && !are_virtual_threads_suspended)
    are_virtual_threads_suspended = JVMTI(SuspendAllVirtualThreads, 0, NULL) == JVMTI_ERROR_NONE;
  struct suspended *fresh = &mp_suspended[mp_suspended_count];
  if (found > 0 && JVMTI(SuspendThreadList, found, threads, results) != JVMTI_ERROR_NONE) found = 0;
  for (int i = 0; i < found; i++) {
    struct suspended *one = &fresh[alive];
    *one = fresh[i];
    if (results[i] != JVMTI_ERROR_NONE && results[i] != JVMTI_ERROR_THREAD_SUSPENDED) {
      (*env)->DeleteLocalRef(env, one->thread); /* it has ended */
      continue;
    }
    one->is_own = results[i] == JVMTI_ERROR_NONE;
    if (one->is_carrier && mounted_on(mp_jvmti, one->thread, &one->mounted) != JVMTI_ERROR_NONE)
      one->mounted = NULL;
    alive++;
  }
  mp_suspended_count += alive;
  JVMTI(Deallocate, (unsigned char *)threads);
  return alive;
}

void mp_let_go(struct suspended *one) {
  if (one->is_own) JVMTI(ResumeThread, one->thread);
  one->is_own = 0;
}

void mp_suspend_again(struct suspended *one) {
  one->is_own = JVMTI(SuspendThread, one->thread) == JVMTI_ERROR_NONE;
  if (!one->is_own) one->java_thread = NULL; /* it has ended */
}

void mp_let_all_go(JNIEnv *env) {
  for (int i = 0; i < mp_suspended_count; i++) {
    struct suspended *one = &mp_suspended[i];
    mp_let_go(one);
    (*env)->DeleteLocalRef(env, one->mounted);
    (*env)->DeleteLocalRef(env, one->thread);
  }
  mp_suspended_count = 0;
  if (are_virtual_threads_suspended) JVMTI(ResumeAllVirtualThreads, 0, NULL);
  are_virtual_threads_suspended = 0;
}

/*
 * Those that are mounted would go on, for their carriers are suspended only as far as they run Java;
 * and those that a carrier is about to mount would let it come as far as that.
 */
void mp_allow_virtual_threads(const jthread *running, int count) {
  static jthread held[2 * MAX_THREADS];
  if (!are_virtual_threads_suspended) return;
  memcpy(held, running, (size_t)count * sizeof *held);
  for (int i = 0; i < mp_suspended_count; i++)
    if (mp_suspended[i].mounted != NULL) held[count++] = mp_suspended[i].mounted;
  JVMTI(ResumeAllVirtualThreads, count, held);
  are_virtual_threads_suspended = 0;
}
