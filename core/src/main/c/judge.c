/*
 * What the stack of a suspended thread says about it: whether it was caught amid something that the
 * child will need, such as a class that is being loaded, or a lock of the JDK.
 */
#define _GNU_SOURCE
#include "jvm.h"

#include <stdint.h>
#include <string.h>

#define MAX_FRAMES 1024
#define MAX_KNOWN_METHODS 4096 /* a power of 2 */

static struct known {
  jmethodID method;
  int verdict;
  jint from, to; /* between which instructions it holds a monitor */
} *known_methods;

#define JVMTI(function, ...) (*mp_jvmti)->function(mp_jvmti, __VA_ARGS__)

int mp_judge_prepare(void) {
  const size_t size = MAX_KNOWN_METHODS * sizeof *known_methods;
  if (known_methods == NULL) known_methods = mp_memory(size);
  if (known_methods != NULL) memset(known_methods, 0, size);
  return known_methods != NULL;
}

static int begins_with_any(const char *text, const char *const *prefixes) {
  for (; *prefixes != NULL; prefixes++)
    if (strncmp(text, *prefixes, strlen(*prefixes)) == 0) return 1;
  return 0;
}

static const char *const jdk[] = {"Ljava/", "Ljdk/", "Lsun/", "Ljavax/", "Lcom/sun/", NULL};
static const char *const loading[] = {"Ljdk/internal/loader/",
                                      "Ljava/lang/invoke/MethodHandleNatives",
                                      "Ljava/lang/invoke/LambdaFormEditor",
                                      "Ljava/lang/invoke/InvokerBytecodeGenerator",
                                      "Ljava/lang/invoke/ClassSpecializer",
                                      "Ljava/lang/invoke/CallSite", NULL};
static const char *const loading_by_own[] = {"Ljava/lang/ClassLoader;", "Ljava/net/URLClassLoader;",
                                             "Ljava/security/SecureClassLoader;", NULL};
static const char *const locking[] = {"Ljava/io/PrintStream",     "Ljava/util/logging/",
                                      "Ljava/util/zip/ZipFile",   "Ljava/util/jar/JarFile",
                                      "Ljdk/internal/logger/",    "Ljava/lang/Shutdown",
                                      "Ljava/lang/ApplicationShutdownHooks", NULL};
static const char *const queueing[] = {
    "Ljava/util/concurrent/ConcurrentHashMap$TreeBin;", "Ljava/lang/ThreadBuilders",
    "Ljdk/internal/vm/ThreadContainer", "Ljdk/internal/vm/SharedThreadContainer", NULL};
static const char *const library[] = {
    "Lmultiprocessing/internal/", "Lmultiprocessing/connection/", "Lmultiprocessing/manager/",
    "Lmultiprocessing/memory/",   "Lmultiprocessing/pool/",       "Lmultiprocessing/queue/",
    "Lmultiprocessing/sync/",     "Lmultiprocessing/logging/",    "Lmultiprocessing/process/ChildProcess",
    NULL};
/* What pools.c and child.c make anew. */
static const char *const renewed[] = {"Ljava/util/concurrent/ForkJoinPool",
                                      "Ljava/util/concurrent/ForkJoinWorkerThread",
                                      "Ljava/util/concurrent/DelayScheduler",
                                      "Ljava/lang/VirtualThread;", "Lsun/nio/ch/Poller",
                                      "Lsun/nio/ch/EPollPoller", "Lsun/security/provider/", NULL};
/* Whose lock is that of an object which few threads share. */
static const char *const of_one_object[] = {
    "Ljava/util/zip/Deflater", "Ljava/util/zip/Inflater", "Ljava/lang/StringBuffer",
    "Ljava/util/Vector",       "Ljava/util/Hashtable",    "Ljava/util/Collections", NULL};

static int judge(const char *type, const char *name) {
  int verdict = begins_with_any(type, jdk) ? OF_JDK : 0;
  if (strcmp(name, "<clinit>") == 0) return verdict | LOADING;
  if (verdict == 0) return begins_with_any(type, library) ? LIBRARY : 0;
  if (begins_with_any(type, loading)) return verdict | LOADING;
  if (begins_with_any(type, loading_by_own))
    return strcmp(name, "<init>") == 0 ? verdict : verdict | LOADING_BY_OWN;
  if (strcmp(type, "Ljava/lang/Thread;") == 0 && strcmp(name, "start0") == 0)
    return verdict | LOADING;
  if (begins_with_any(type, locking)) return verdict | LOCKING;
  if (strcmp(type, "Ljava/lang/VirtualThread;") == 0 && strcmp(name, "mount") == 0)
    return verdict | MOUNTING;
  if (strncmp(type, "Ljava/lang/VirtualThread", 24) == 0 && strcmp(name, "run") == 0)
    return verdict | ROOT;
  if (begins_with_any(type, renewed)) return verdict;
  if (strcmp(type, "Ljdk/internal/vm/Continuation;") == 0 && strncmp(name, "enter", 5) == 0)
    return verdict | ROOT;
  int is_table_maker = strcmp(name, "initTable") == 0; /* others spin until there is a table */
  return is_table_maker || begins_with_any(type, queueing) ? verdict | BUSY : verdict;
}

/*
 * Between which instructions a method may hold a monitor. A byte that is no instruction may look like
 * one that takes or gives back a monitor: then that is more than in truth.
 */
static void find_monitor(struct known *known) {
  const jint is_synchronized = 0x20;
  const unsigned char enter = 0xc2, leave = 0xc3;
  jint modifiers = 0, size = 0;
  unsigned char *code = NULL;
  known->from = known->to = 0;
  if (JVMTI(GetMethodModifiers, known->method, &modifiers) == JVMTI_ERROR_NONE &&
      (modifiers & is_synchronized) != 0) {
    known->from = -2; /* in a native method the place is -1 */
    known->to = 1 << 16;
  } else if (JVMTI(GetBytecodes, known->method, &size, &code) == JVMTI_ERROR_NONE) {
    unsigned char *first = memchr(code, enter, (size_t)size);
    if (first != NULL) {
      unsigned char *last = memrchr(first, leave, (size_t)(code + size - first));
      known->from = (jint)(first - code);
      known->to = last == NULL ? size : (jint)(last - code);
    }
    JVMTI(Deallocate, code);
  }
}

static struct known *know(JNIEnv *env, jmethodID method) {
  unsigned at = (unsigned)(((uintptr_t)method >> 3) * 2654435761u) % MAX_KNOWN_METHODS;
  struct known *known = &known_methods[at];
  jclass declarer;
  char *type = NULL, *name = NULL;
  if (known->method == method) return known;
  known->method = method;
  known->verdict = known->from = known->to = 0;
  if (JVMTI(GetMethodDeclaringClass, method, &declarer) != JVMTI_ERROR_NONE) return known;
  if (JVMTI(GetClassSignature, declarer, &type, NULL) == JVMTI_ERROR_NONE &&
      JVMTI(GetMethodName, method, &name, NULL, NULL) == JVMTI_ERROR_NONE) {
    known->verdict = judge(type, name);
    if (known->verdict == OF_JDK && !begins_with_any(type, of_one_object) &&
        !begins_with_any(type, renewed))
      find_monitor(known);
  }
  JVMTI(Deallocate, (unsigned char *)type);
  JVMTI(Deallocate, (unsigned char *)name);
  (*env)->DeleteLocalRef(env, declarer);
  return known;
}

/* The instructions at which a class may be linked and initialised. */
static int is_linking(unsigned char instruction) {
  enum { GETSTATIC = 0xb2, PUTSTATIC = 0xb3, INVOKESTATIC = 0xb8, NEW = 0xbb };
  return instruction == GETSTATIC || instruction == PUTSTATIC || instruction == INVOKESTATIC ||
         instruction == NEW;
}

/* Whether a native method is one of those that do. */
static int is_reflecting(jmethodID method) {
  static const char *const reflecting[] = {"forName0",         "getDeclared", "ensureClassInitialized",
                                           "allocateInstance", "newInstance", NULL};
  char *name = NULL;
  int result = JVMTI(GetMethodName, method, &name, NULL, NULL) == JVMTI_ERROR_NONE &&
               begins_with_any(name, reflecting);
  JVMTI(Deallocate, (unsigned char *)name);
  return result;
}

int mp_may_link(jthread thread) {
  const jlocation native = -1;
  jvmtiFrameInfo top;
  jint count = 0, size = 0;
  unsigned char *code = NULL;
  if (JVMTI(GetStackTrace, thread, 0, 1, &top, &count) != JVMTI_ERROR_NONE || count == 0) return 0;
  if (top.location == native) return is_reflecting(top.method);
  if (JVMTI(GetBytecodes, top.method, &size, &code) != JVMTI_ERROR_NONE) return 0;
  int result = top.location < size && is_linking(code[top.location]);
  JVMTI(Deallocate, code);
  return result;
}

int mp_verdict_on(JNIEnv *env, jthread thread, uint64_t *place) {
  static jvmtiFrameInfo frames[MAX_FRAMES];
  jint count = 0;
  int result = 0, is_top = 1;
  *place = 0;
  if (JVMTI(GetStackTrace, thread, 0, MAX_FRAMES, frames, &count) != JVMTI_ERROR_NONE) return 0;
  for (int i = 0; i < count; i++) {
    struct known *known = know(env, frames[i].method);
    int verdict = known->verdict;
    if (frames[i].location > known->from && frames[i].location <= known->to) verdict |= BUSY;
    if ((verdict & OF_JDK) == 0 || (verdict & ROOT) != 0) is_top = 0;
    result |= is_top ? verdict : verdict & ~BUSY;
  }
  if (count > 0)
    *place = ((uint64_t)(uintptr_t)frames[0].method << 16) + (uint64_t)frames[0].location * MAX_FRAMES +
             (uint64_t)count;
  return result;
}
