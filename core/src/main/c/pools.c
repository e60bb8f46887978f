/*
 * What a child of fork makes anew of the thread pools that the JDK itself uses. Their workers are
 * threads of the parent, which do not run in the child. So the common pool and the scheduler of
 * virtual threads are emptied and believe that they have no workers: they start new ones, and whatever
 * a worker of the parent was about to do with their queues is of no importance. The parent's virtual
 * threads are marked as terminated, since somebody in the child may still wake one: it does nothing
 * then. The pollers, by which virtual threads wait for sockets, are made anew, since the old ones
 * believe that threads of the parent wait for some descriptors.
 *
 * Done in place, since compiled code has the addresses of these objects in it.
 */
#define _GNU_SOURCE
#include "java.h"
#include "jvm.h"

static struct {
  struct place common, scheduler, pollers;
  jclass work_queue;
  jfieldID queues, owner, run_state, control, delayer; /* of a pool */
  jclass virtual_thread, containers, poller_group;
  jfieldID virtual_state;
  jmethodID root, threads, children, to_array;
  jmethodID make_pollers, start_pollers;
  jfieldID master, read_pollers, write_pollers, executor;
} java;

int mp_has_virtual_threads, mp_has_pollers;

static void empty_pool(JNIEnv *env, struct place place, jobject caller) {
  const jlong one_worker = 1L << 48 | 1L << 32; /* that is there and active */
  jobject pool = mp_get(env, place);
  jobjectArray queues = pool == NULL ? NULL : (*env)->GetObjectField(env, pool, java.queues);
  if (queues == NULL) return;
  jsize length = (*env)->GetArrayLength(env, queues);
  jobjectArray fresh = (*env)->NewObjectArray(env, length, java.work_queue, NULL);
  jlong control = 0;
  for (jsize i = 0; fresh != NULL && i < length; i++) {
    jobject queue = (*env)->GetObjectArrayElement(env, queues, i);
    if (queue == NULL) continue;
    jobject owner = (*env)->GetObjectField(env, queue, java.owner);
    if (owner != NULL && (*env)->IsSameObject(env, owner, caller)) {
      (*env)->SetObjectArrayElement(env, fresh, i, queue);
      control = one_worker;
    }
    (*env)->DeleteLocalRef(env, owner);
    (*env)->DeleteLocalRef(env, queue);
  }
  if (fresh == NULL) return;
  (*env)->SetObjectField(env, pool, java.queues, fresh);
  (*env)->SetLongField(env, pool, java.run_state, 0);
  (*env)->SetLongField(env, pool, java.control, control);
  (*env)->SetObjectField(env, pool, java.delayer, NULL);
  (*env)->DeleteLocalRef(env, fresh);
  (*env)->DeleteLocalRef(env, queues);
  (*env)->DeleteLocalRef(env, pool);
}

static jobjectArray array_of(JNIEnv *env, jobject holder, jmethodID stream_of) {
  jobject stream = holder == NULL ? NULL : (*env)->CallObjectMethod(env, holder, stream_of);
  jobjectArray array = stream == NULL ? NULL : (*env)->CallObjectMethod(env, stream, java.to_array);
  if ((*env)->ExceptionCheck(env)) {
    (*env)->ExceptionClear(env);
    array = NULL;
  }
  (*env)->DeleteLocalRef(env, stream);
  return array;
}

static jsize length_of(JNIEnv *env, jobjectArray array) {
  return array == NULL ? 0 : (*env)->GetArrayLength(env, array);
}

/* What is done with each virtual thread. */
enum errand { NOTHING, COLLECT_RUNNING, TERMINATE };

static jobject running[MAX_THREADS]; /* those that are mounted, or about to be */
static int running_count;

static void run_errand(JNIEnv *env, jobject thread, enum errand errand) {
  const jint runs = 2, terminated = 99;
  if (errand == TERMINATE) (*env)->SetIntField(env, thread, java.virtual_state, terminated);
  if (errand != COLLECT_RUNNING || running_count == MAX_THREADS) return;
  if ((*env)->GetIntField(env, thread, java.virtual_state) == runs)
    running[running_count++] = (*env)->NewLocalRef(env, thread);
}

/* Goes to the virtual threads of a container, and of those within it. */
static void visit(JNIEnv *env, jobject container, enum errand errand) {
  jobjectArray threads = array_of(env, container, java.threads);
  for (jsize i = 0; i < length_of(env, threads); i++) {
    jobject thread = (*env)->GetObjectArrayElement(env, threads, i);
    if ((*env)->IsInstanceOf(env, thread, java.virtual_thread)) run_errand(env, thread, errand);
    (*env)->DeleteLocalRef(env, thread);
  }
  (*env)->DeleteLocalRef(env, threads);
  jobjectArray children = array_of(env, container, java.children);
  for (jsize i = 0; i < length_of(env, children); i++) {
    jobject child = (*env)->GetObjectArrayElement(env, children, i);
    visit(env, child, errand);
    (*env)->DeleteLocalRef(env, child);
  }
  (*env)->DeleteLocalRef(env, children);
}

static void visit_all(JNIEnv *env, enum errand errand) {
  jobject root = (*env)->CallStaticObjectMethod(env, java.containers, java.root);
  (*env)->ExceptionClear(env);
  visit(env, root, errand);
  (*env)->DeleteLocalRef(env, root);
}

int mp_pools_prepare(JNIEnv *env) {
  jclass pool = mp_find(env, "java/util/concurrent/ForkJoinPool");
  java.common = mp_place(env, "java/util/concurrent/ForkJoinPool", "common",
                         "Ljava/util/concurrent/ForkJoinPool;");
  java.work_queue = mp_find(env, "java/util/concurrent/ForkJoinPool$WorkQueue");
  java.owner = mp_field(env, java.work_queue, "owner",
                        "Ljava/util/concurrent/ForkJoinWorkerThread;");
  java.queues = mp_field(env, pool, "queues", "[Ljava/util/concurrent/ForkJoinPool$WorkQueue;");
  java.run_state = mp_field(env, pool, "runState", "J");
  java.control = mp_field(env, pool, "ctl", "J");
  java.delayer = mp_field(env, pool, "delayScheduler", "Ljava/util/concurrent/DelayScheduler;");
  return java.common.field != NULL && java.owner != NULL && java.queues != NULL &&
         java.run_state != NULL && java.control != NULL && java.delayer != NULL;
}

static int prepare_virtual_threads(JNIEnv *env) {
  java.virtual_thread = mp_find(env, "java/lang/VirtualThread");
  java.virtual_state = mp_field(env, java.virtual_thread, "state", "I");
  java.scheduler = mp_place(env, "java/lang/VirtualThread", "DEFAULT_SCHEDULER",
                            "Ljava/util/concurrent/ForkJoinPool;");
  java.containers = mp_find(env, "jdk/internal/vm/ThreadContainers");
  java.root =
      mp_static_method(env, java.containers, "root", "()Ljdk/internal/vm/ThreadContainer;");
  jclass container = mp_find(env, "jdk/internal/vm/ThreadContainer");
  java.threads = mp_method(env, container, "threads", "()Ljava/util/stream/Stream;");
  java.children = mp_method(env, container, "children", "()Ljava/util/stream/Stream;");
  java.to_array =
      mp_method(env, mp_find(env, "java/util/stream/Stream"), "toArray", "()[Ljava/lang/Object;");
  if (java.virtual_state == NULL || java.scheduler.field == NULL || java.root == NULL ||
      java.threads == NULL || java.children == NULL || java.to_array == NULL)
    return 0;
  visit_all(env, NOTHING); /* so that nothing of it is new to the child */
  return 1;
}

static int prepare_pollers(JNIEnv *env) {
  static const char one[] = "Lsun/nio/ch/Poller;", many[] = "[Lsun/nio/ch/Poller;";
  java.pollers = mp_place(env, "sun/nio/ch/Poller", "POLLERS", "Lsun/nio/ch/Poller$Pollers;");
  java.poller_group = mp_find(env, "sun/nio/ch/Poller$Pollers");
  java.make_pollers = mp_method(env, java.poller_group, "<init>", "()V");
  java.start_pollers = mp_method(env, java.poller_group, "start", "()V");
  java.master = mp_field(env, java.poller_group, "masterPoller", one);
  java.read_pollers = mp_field(env, java.poller_group, "readPollers", many);
  java.write_pollers = mp_field(env, java.poller_group, "writePollers", many);
  java.executor =
      mp_field(env, java.poller_group, "executor", "Ljava/util/concurrent/Executor;");
  return java.pollers.field != NULL && java.make_pollers != NULL && java.start_pollers != NULL &&
         java.master != NULL && java.read_pollers != NULL && java.write_pollers != NULL &&
         java.executor != NULL;
}

int mp_virtual_prepare(JNIEnv *env) {
  static int has_virtual_threads, has_pollers;
  if (mp_has_virtual_threads && !has_virtual_threads) {
    if (!prepare_virtual_threads(env)) return 0;
    has_virtual_threads = 1;
  }
  if (mp_has_pollers && !has_pollers) {
    if (!prepare_pollers(env)) return 0;
    has_pollers = 1;
  }
  return 1;
}

/* From a field of one group of pollers to the same of another one. */
static void move_pollers(JNIEnv *env, jobject from, jobject to, jfieldID field) {
  jobjectArray sources = (*env)->GetObjectField(env, from, field);
  jobjectArray places = (*env)->GetObjectField(env, to, field);
  for (jsize i = 0; i < length_of(env, sources) && i < length_of(env, places); i++) {
    jobject poller = (*env)->GetObjectArrayElement(env, sources, i);
    (*env)->SetObjectArrayElement(env, places, i, poller);
    (*env)->DeleteLocalRef(env, poller);
  }
  (*env)->DeleteLocalRef(env, sources);
  (*env)->DeleteLocalRef(env, places);
}

static void renew_pollers(JNIEnv *env) {
  jobject old = mp_get(env, java.pollers);
  jobject fresh =
      old == NULL ? NULL : (*env)->NewObject(env, java.poller_group, java.make_pollers);
  if (fresh == NULL) return;
  (*env)->CallVoidMethod(env, fresh, java.start_pollers);
  move_pollers(env, fresh, old, java.read_pollers);
  move_pollers(env, fresh, old, java.write_pollers);
  const jfieldID others[] = {java.master, java.executor};
  for (int i = 0; i < 2; i++) {
    jobject value = (*env)->GetObjectField(env, fresh, others[i]);
    (*env)->SetObjectField(env, old, others[i], value);
    (*env)->DeleteLocalRef(env, value);
  }
}

void mp_pools_reset(JNIEnv *env, jobject caller) {
  empty_pool(env, java.common, caller);
  if (mp_has_virtual_threads) {
    running_count = 0;
    visit_all(env, COLLECT_RUNNING);
    mp_allow_virtual_threads(running, running_count);
    visit_all(env, TERMINATE);
    empty_pool(env, java.scheduler, caller);
  }
  if (mp_has_pollers) renew_pollers(env);
  (*env)->ExceptionClear(env);
}
