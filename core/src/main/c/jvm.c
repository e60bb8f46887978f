/*
 * Forks a Java virtual machine that runs user's threads, of which the child keeps the caller alone.
 *
 * Why the child is sound. The virtual machine in the child must be in a state in which that of the
 * parent could have been as well, only with the other threads of the user never going on again.
 *
 * 1. Every Java thread but the caller and the machine's own is suspended by JVMTI. From then on it is
 *    either blocked inside the machine, or runs native code and blocks when it comes back from
 *    there. Neither hinders a safepoint, a collection or a handshake, however long it lasts.
 * 2. A suspended thread may have been caught amid something that the child needs: loading a class,
 *    linking, a lock of the JDK, starting a thread. Its stack tells. It is let go for some
 *    microseconds, and looked at again. One in native code is only waited for. If that does not help
 *    all are let go, since it may wait for one of the others. All of this is bounded in time.
 * 3. Then all threads of the process are stopped by a signal (fork.c). Only now, when nothing moves,
 *    it is decided for each whether the child has it:
 *    - a thread of the machine's own goes on in the child as if nothing had been: whatever lock it
 *      holds, it gives back. It is known by the function it began with, which lies in libjvm;
 *    - a suspended one that is blocked in the machine goes on in the child too, but only up to the
 *      place where it stays suspended. It must be there: it may be one of those that wait on a
 *      condition variable, and glibc's broadcast waits for all that do;
 *    - a suspended one that waits in native code for the kernel (read, accept, poll ...) is left out,
 *      since it would take the parent's input. Its stack and its record stay, so the machine goes on
 *      believing in it, and never waits for it;
 *    - one in native code that does not wait in such a call may hold the lock of malloc, or block
 *      the collector (a critical section): everything goes on, and is tried again;
 *    - a thread that the machine does not know (of a native library) is left out, as fork() does.
 * 4. A virtual thread that is mounted is suspended, and its carrier with it. In the child all virtual
 *    threads of the parent are marked as terminated: what is in the scheduler's queues, or due
 *    by a timer, does nothing when its turn comes. Idle carriers are let go, and the scheduler gets as
 *    many more as are held by mounted ones (child.c).
 *
 * What the user must know is what holds for POSIX threads: a lock that one of his other threads holds,
 * or waits for, at the fork must not be used in the child.
 *
 * Found by name, since nothing else tells: the record of a Java thread in the machine has a state and
 * the native thread; their offsets are in the table that libjvm has for debuggers (gHotSpotVMStructs).
 */
#define _GNU_SOURCE
#include "jvm.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fork.h"

#define MICROSECOND 1000L
#define MAX_FRAMES 1024
#define MAX_KNOWN_METHODS 4096 /* a power of 2 */

enum { IN_NATIVE = 4, BLOCKED = 10 }; /* JavaThreadState */

/* What a frame of a stack says about the thread. */
enum {
  LOADING = 1, /* amid loading, initialising or linking a class, or starting a thread */
  LOCKING = 2, /* in a part of the JDK that works under a lock which the child will want */
  LIBRARY = 4, /* in this library */
  BUSY = 8, /* at the top of the stack: amid changing a queue, or in a method with a lock */
  OF_JDK = 16,
  ROOT = 32, /* the bottom of a virtual thread's stack */
  MOUNTING = 64 /* in a carrier: about to go on with a virtual thread, or just done with it */
};

typedef jvmtiError (*mounted_function)(jvmtiEnv *env, ...);

static struct {
  jvmtiEnv *jvmti;
  mounted_function mounted; /* the virtual thread on a carrier */
  jfieldID eetop;
  long record_size, state, os_thread, pthread_id, list_length, list_threads; /* offsets */
  char **list;
  const char *code_begin, *code_end; /* of libjvm */
  long criticals; /* offset of how many critical sections (JNI) a thread is in; 0: not counted */
  long routine; /* of the function that a thread began with, from its thread pointer */
  long tid;     /* of a thread's id from its pthread_t */
} vm;

struct suspended *mp_suspended;
int mp_suspended_count;
static struct {
  jmethodID method;
  int verdict;
} *known_methods;
static int unsuitable; /* which of the suspended hindered the fork; -1: one that is not suspended */
static char *reason;
static size_t reason_size;

#define JVMTI(function, ...) (*vm.jvmti)->function(vm.jvmti, __VA_ARGS__)

static const char unknown[] =
    "this Java virtual machine is not laid out as the fork helper knows it; use the start method"
    " spawn or forkserver";

static long refuse(int error, const char *text) {
  snprintf(reason, reason_size, "%s", text);
  return -error;
}

/* --- finding one's way in the virtual machine --------------------------------------------------- */

static void *symbol(const char *name) {
  void *found = dlsym(RTLD_DEFAULT, name);
  if (found == NULL) {
    void *library = dlopen("libjvm.so", RTLD_LAZY | RTLD_NOLOAD);
    if (library != NULL) found = dlsym(library, name);
  }
  return found;
}

static uint64_t table_word(const char *name) {
  uint64_t *word = symbol(name);
  return word == NULL ? 0 : *word;
}

/* The offset of a field of the machine's own classes, or its address if it is static; -1: none. */
static long field(const char *type, const char *name) {
  uint64_t stride = table_word("gHotSpotVMStructEntryArrayStride");
  char *entry = (char *)table_word("gHotSpotVMStructs");
  if (entry == NULL || stride == 0) return -1;
  uint64_t type_at = table_word("gHotSpotVMStructEntryTypeNameOffset");
  uint64_t name_at = table_word("gHotSpotVMStructEntryFieldNameOffset");
  uint64_t static_at = table_word("gHotSpotVMStructEntryIsStaticOffset");
  uint64_t offset_at = table_word("gHotSpotVMStructEntryOffsetOffset");
  uint64_t address_at = table_word("gHotSpotVMStructEntryAddressOffset");
  for (; *(char **)(entry + type_at) != NULL; entry += stride) {
    if (strcmp(*(char **)(entry + type_at), type) != 0) continue;
    if (strcmp(*(char **)(entry + name_at), name) != 0) continue;
    return *(long *)(entry + (*(int *)(entry + static_at) ? address_at : offset_at));
  }
  return -1;
}

static long size_of(const char *type) {
  uint64_t stride = table_word("gHotSpotVMTypeEntryArrayStride");
  char *entry = (char *)table_word("gHotSpotVMTypes");
  if (entry == NULL || stride == 0) return -1;
  uint64_t name_at = table_word("gHotSpotVMTypeEntryTypeNameOffset");
  uint64_t size_at = table_word("gHotSpotVMTypeEntrySizeOffset");
  for (; *(char **)(entry + name_at) != NULL; entry += stride)
    if (strcmp(*(char **)(entry + name_at), type) == 0) return *(long *)(entry + size_at);
  return -1;
}

static int find_code(struct dl_phdr_info *object, size_t size, void *address) {
  (void)size;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    const char *begin = (const char *)(object->dlpi_addr + part->p_vaddr);
    if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0) continue;
    if ((char *)address < begin || (char *)address >= begin + part->p_memsz) continue;
    vm.code_begin = begin;
    vm.code_end = begin + part->p_memsz;
    return 1;
  }
  return 0;
}

/* glibc notes the function that a thread began with, and after it the argument, in its record. */
static void *find_routine(void *offset) {
#if defined(__x86_64__)
  const long first = 64, last = 2304;
#else
  const long first = -2304, last = 0;
#endif
  char *base = __builtin_thread_pointer();
  for (long at = first; at < last; at += (long)sizeof(void *)) {
    void **words = (void **)(base + at);
    if (words[0] == (void *)find_routine && words[1] == offset) *(long *)offset = at;
  }
  return NULL;
}

static int find_layout(void) {
  vm.record_size = size_of("JavaThread");
  vm.state = field("JavaThread", "_thread_state");
  vm.os_thread = field("Thread", "_osthread");
  vm.pthread_id = field("OSThread", "_pthread_id");
  vm.list = (char **)field("ThreadsSMRSupport", "_java_thread_list");
  vm.list_length = field("ThreadsList", "_length");
  vm.list_threads = field("ThreadsList", "_threads");
  if (vm.state < 0 || vm.record_size <= 0 || vm.os_thread < 0 || vm.pthread_id < 0 || (long)vm.list == -1) return 0;
  if (vm.list_length < 0 || vm.list_threads < 0) return 0;
  int of_pointer = thread_id_offset();
  vm.tid = of_pointer + ((char *)__builtin_thread_pointer() - (char *)pthread_self());
  dl_iterate_phdr(find_code, symbol("JNI_GetCreatedJavaVMs"));
  pthread_t finder;
  if (pthread_create(&finder, NULL, find_routine, &vm.routine) != 0) return 0;
  pthread_join(finder, NULL);
  return of_pointer != 0 && vm.code_begin != NULL && vm.routine != 0;
}

/*
 * While a thread is in a critical section, Serial and Parallel do not collect; and it may be
 * suspended there, at a call of JNI. Its record has a count of them, which is found by watching it.
 */
static void find_criticals(JNIEnv *env, const char *java_thread) {
  enum { WORDS = 480, DEPTH = 4 };
  void *bytes[DEPTH];
  char is_count[WORDS];
  jbyteArray array = (*env)->NewByteArray(env, 8);
  if (array == NULL) return;
  memset(is_count, 1, sizeof is_count);
  for (int step = 0; step <= 2 * DEPTH; step++) {
    int depth = step <= DEPTH ? step : 2 * DEPTH - step;
    for (int at = 0; at < WORDS; at++)
      if (((volatile int *)java_thread)[at] != depth) is_count[at] = 0;
    if (step < DEPTH)
      bytes[step] = (*env)->GetPrimitiveArrayCritical(env, array, NULL);
    else if (depth > 0)
      (*env)->ReleasePrimitiveArrayCritical(env, array, bytes[depth - 1], JNI_ABORT);
  }
  (*env)->DeleteLocalRef(env, array);
  char *count = memchr(is_count, 1, sizeof is_count);
  if (count != NULL) vm.criticals = (count - is_count) * 4L;
}

static int criticals_of(const char *java_thread) {
  return vm.criticals == 0 ? 0 : *(volatile int *)(java_thread + vm.criticals);
}

static pid_t tid_of(const char *java_thread) {
  char *os_thread = *(char **)(java_thread + vm.os_thread);
  char *pthread = os_thread == NULL ? NULL : *(char **)(os_thread + vm.pthread_id);
  return pthread == NULL ? 0 : *(pid_t *)(pthread + vm.tid);
}

static int state_of(const char *java_thread) {
  return *(volatile int *)(java_thread + vm.state);
}

static int is_of_machine(const struct slot *slot) {
  if (slot->thread_pointer == NULL) return 0; /* it ended before it could stop */
  const char *routine = *(char **)(slot->thread_pointer + vm.routine);
  return routine >= vm.code_begin && routine < vm.code_end;
}

/* --- once, at the first fork -------------------------------------------------------------------- */

/* ZGC's heap is a shared mapping: parent and child would write into each other's objects. */
static int is_heap_shared(void) {
  int is_shared = 0;
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) return 0;
  while (!is_shared && fgets(line, sizeof line, maps) != NULL)
    is_shared = strstr(line, "java_heap") != NULL && strstr(line, " rw-s ") != NULL;
  fclose(maps);
  return is_shared;
}

static void find_extension(void) {
  jint count;
  jvmtiExtensionFunctionInfo *functions;
  if (JVMTI(GetExtensionFunctions, &count, &functions) != JVMTI_ERROR_NONE) return;
  for (int i = 0; i < count; i++)
    if (strcmp(functions[i].id, "com.sun.hotspot.functions.GetVirtualThread") == 0)
      vm.mounted = functions[i].func;
}

static jthread current_thread(JNIEnv *env, jclass thread) {
  jmethodID current =
      (*env)->GetStaticMethodID(env, thread, "currentThread", "()Ljava/lang/Thread;");
  return (*env)->CallStaticObjectMethod(env, thread, current);
}

static long prepare(JNIEnv **env) {
  typedef jint (*lister)(JavaVM **, jsize, jsize *);
  static JavaVM *machine;
  jsize count = 0;
  lister list = (lister)symbol("JNI_GetCreatedJavaVMs");
  if (list == NULL || list(&machine, 1, &count) != JNI_OK || count != 1)
    return refuse(ENOSYS, unknown);
  if ((*machine)->GetEnv(machine, (void **)env, JNI_VERSION_21) != JNI_OK)
    return refuse(ENOSYS, unknown);
  if (vm.jvmti != NULL) return 0;
  if (is_heap_shared())
    return refuse(EOPNOTSUPP, "the heap of this garbage collector is shared memory, which a child"
                              " would go on sharing; run with -XX:+UseSerialGC, -XX:+UseParallelGC"
                              " or -XX:+UseG1GC, or use another start method");
  if (!find_layout()) return refuse(ENOSYS, unknown);
  jclass thread = (**env)->FindClass(*env, "java/lang/Thread");
  vm.eetop = (**env)->GetFieldID(*env, thread, "eetop", "J");
  (**env)->ExceptionClear(*env);
  jthread caller = NULL;
  if (vm.eetop != NULL && (caller = current_thread(*env, thread)) != NULL)
    find_criticals(*env, (char *)(**env)->GetLongField(*env, caller, vm.eetop));
  if (caller == NULL || !mp_child_prepare(*env)) return refuse(ENOSYS, unknown);
  mp_suspended = mp_memory(MAX_THREADS * sizeof *mp_suspended);
  known_methods = mp_memory(MAX_KNOWN_METHODS * sizeof *known_methods);
  if (mp_suspended == NULL || known_methods == NULL) return refuse(ENOMEM, "out of memory");
  if ((*machine)->GetEnv(machine, (void **)&vm.jvmti, JVMTI_VERSION_21) != JNI_OK) {
    vm.jvmti = NULL;
    return refuse(ENOSYS, unknown);
  }
  jvmtiCapabilities wanted;
  memset(&wanted, 0, sizeof wanted);
  wanted.can_suspend = 1;
  wanted.can_support_virtual_threads = 1;
  wanted.can_get_bytecodes = 1;
  if (JVMTI(AddCapabilities, &wanted) != JVMTI_ERROR_NONE) {
    (*vm.jvmti)->DisposeEnvironment(vm.jvmti);
    vm.jvmti = NULL;
    return refuse(EBUSY, "a debugger or agent owns the right to suspend threads (JVMTI can_suspend);"
                         " run without -agentlib:jdwp, or use another start method");
  }
  find_extension();
  return 0;
}

/* --- suspending --------------------------------------------------------------------------------- */

enum group { USERS, CARRIERS, MACHINES };

static enum group group_of(JNIEnv *env, jthread thread) {
  jvmtiThreadInfo info;
  jvmtiThreadGroupInfo group;
  enum group result = USERS;
  if (JVMTI(GetThreadInfo, thread, &info) != JVMTI_ERROR_NONE) return USERS;
  if (info.thread_group != NULL &&
      JVMTI(GetThreadGroupInfo, info.thread_group, &group) == JVMTI_ERROR_NONE) {
    if (strcmp(group.name, "CarrierThreads") == 0)
      result = CARRIERS;
    else if (strcmp(group.name, "system") == 0 || strcmp(group.name, "InnocuousThreadGroup") == 0)
      result = MACHINES;
    JVMTI(Deallocate, (unsigned char *)group.name);
    if (group.parent != NULL) (*env)->DeleteLocalRef(env, group.parent);
  }
  /* These two wait for input that is the parent's. */
  if (strcmp(info.name, "Attach Listener") == 0 || strcmp(info.name, "FileSystemWatchService") == 0)
    result = USERS;
  if (strcmp(info.name, "VirtualThread-unblocker") == 0) mp_has_virtual_threads = 1;
  if (strcmp(info.name, "MasterPoller") == 0) mp_has_pollers = 1;
  JVMTI(Deallocate, (unsigned char *)info.name);
  if (info.thread_group != NULL) (*env)->DeleteLocalRef(env, info.thread_group);
  if (info.context_class_loader != NULL) (*env)->DeleteLocalRef(env, info.context_class_loader);
  return result;
}

static int is_suspended(const char *java_thread) {
  for (int i = 0; i < mp_suspended_count; i++)
    if (mp_suspended[i].java_thread == java_thread) return 1;
  return 0;
}

/* Suspends a thread, and the virtual thread that it carries. Returns whether it is alive. */
static int suspend(struct suspended *one) {
  jvmtiError error = JVMTI(SuspendThread, one->thread);
  if (error != JVMTI_ERROR_NONE && error != JVMTI_ERROR_THREAD_SUSPENDED) return 0;
  one->is_own = error == JVMTI_ERROR_NONE;
  one->mounted = NULL;
  if (one->is_carrier && vm.mounted != NULL &&
      vm.mounted(vm.jvmti, one->thread, &one->mounted) == JVMTI_ERROR_NONE && one->mounted != NULL)
    one->is_mounted_own = JVMTI(SuspendThread, one->mounted) == JVMTI_ERROR_NONE;
  return 1;
}

void mp_let_go(JNIEnv *env, struct suspended *one) {
  if (one->mounted != NULL) {
    if (one->is_mounted_own) JVMTI(ResumeThread, one->mounted);
    (*env)->DeleteLocalRef(env, one->mounted);
    one->mounted = NULL;
  }
  if (one->is_own) JVMTI(ResumeThread, one->thread);
  one->is_own = 0;
}

/* Suspends the threads that are not yet. Returns how many those were, or -errno. */
static int suspend_new(JNIEnv *env) {
  jint count;
  jthread *threads, caller;
  int found = 0;
  if (JVMTI(GetCurrentThread, &caller) != JVMTI_ERROR_NONE) return -ENOMEM;
  char *own = (char *)(*env)->GetLongField(env, caller, vm.eetop);
  (*env)->DeleteLocalRef(env, caller);
  if (JVMTI(GetAllThreads, &count, &threads) != JVMTI_ERROR_NONE) return -ENOMEM;
  for (int i = 0; i < count; i++) {
    char *java_thread = (char *)(*env)->GetLongField(env, threads[i], vm.eetop);
    enum group group;
    if (java_thread != NULL && java_thread != own && !is_suspended(java_thread) &&
        (group = group_of(env, threads[i])) != MACHINES && mp_suspended_count < MAX_THREADS) {
      struct suspended *one = &mp_suspended[mp_suspended_count];
      memset(one, 0, sizeof *one);
      one->thread = threads[i];
      one->java_thread = java_thread;
      one->is_carrier = group == CARRIERS;
      if (suspend(one)) {
        mp_suspended_count++;
        found++;
        continue;
      }
    }
    (*env)->DeleteLocalRef(env, threads[i]);
  }
  JVMTI(Deallocate, (unsigned char *)threads);
  return found;
}

static void let_all_go(JNIEnv *env) {
  for (int i = 0; i < mp_suspended_count; i++) {
    mp_let_go(env, &mp_suspended[i]);
    (*env)->DeleteLocalRef(env, mp_suspended[i].thread);
  }
  mp_suspended_count = 0;
}

/* --- looking at what a suspended thread does ---------------------------------------------------- */

static int begins_with_any(const char *text, const char *const *prefixes) {
  for (; *prefixes != NULL; prefixes++)
    if (strncmp(text, *prefixes, strlen(*prefixes)) == 0) return 1;
  return 0;
}

static int judge(const char *type, const char *name) {
  static const char *const loading[] = {
      "Ljava/lang/ClassLoader", "Ljdk/internal/loader/", "Ljava/net/URLClassLoader",
      "Ljava/security/SecureClassLoader", "Ljava/lang/invoke/MethodHandleNatives",
      "Ljava/lang/invoke/LambdaFormEditor", "Ljava/lang/invoke/InvokerBytecodeGenerator",
      "Ljava/lang/invoke/ClassSpecializer", "Ljava/lang/invoke/CallSite", NULL};
  static const char *const locking[] = {"Ljava/io/PrintStream",     "Ljava/util/logging/",
                                        "Ljava/util/zip/ZipFile",   "Ljava/util/jar/JarFile",
                                        "Ljdk/internal/logger/",    "Ljava/lang/Shutdown",
                                        "Ljava/lang/ApplicationShutdownHooks", NULL};
  static const char *const queueing[] = {"Ljava/util/concurrent/", "Ljava/lang/VirtualThread",
                                         "Ljava/lang/ThreadBuilders", "Ljdk/internal/vm/",
                                         "Lsun/nio/ch/Poller", NULL};
  static const char *const jdk[] = {"Ljava/", "Ljdk/", "Lsun/", "Ljavax/", "Lcom/sun/", NULL};
  int verdict = begins_with_any(type, jdk) ? OF_JDK : 0;
  if (strcmp(name, "<clinit>") == 0) return verdict | LOADING;
  if (verdict == 0) return strncmp(type, "Lmultiprocessing/", 17) == 0 ? LIBRARY : 0;
  if (begins_with_any(type, loading)) return verdict | LOADING;
  if (strcmp(type, "Ljava/lang/Thread;") == 0 && strcmp(name, "start0") == 0)
    return verdict | LOADING;
  if (begins_with_any(type, locking)) return verdict | LOCKING;
  if (strcmp(name, "runContinuation") == 0) return verdict | MOUNTING;
  if (strncmp(type, "Ljava/lang/VirtualThread", 24) == 0 && strcmp(name, "run") == 0)
    return verdict | ROOT;
  if (strcmp(type, "Ljdk/internal/vm/Continuation;") == 0 && strncmp(name, "enter", 5) == 0)
    return verdict | ROOT;
  return begins_with_any(type, queueing) ? verdict | BUSY : verdict;
}

/* Whether a method takes a monitor. A byte that is no instruction may look like one: no harm. */
static int takes_monitor(jmethodID method) {
  const jint is_synchronized = 0x20;
  const unsigned char monitor_enter = 0xc2;
  jint modifiers = 0, size = 0;
  unsigned char *code = NULL;
  if (JVMTI(GetMethodModifiers, method, &modifiers) == JVMTI_ERROR_NONE &&
      (modifiers & is_synchronized) != 0)
    return 1;
  if (JVMTI(GetBytecodes, method, &size, &code) != JVMTI_ERROR_NONE) return 0;
  int found = memchr(code, monitor_enter, (size_t)size) != NULL;
  JVMTI(Deallocate, code);
  return found;
}

static int verdict_on(JNIEnv *env, jmethodID method) {
  static const char *const of_one_object[] = {
      "Ljava/util/zip/Deflater", "Ljava/util/zip/Inflater", "Ljava/lang/StringBuffer",
      "Ljava/util/Vector",       "Ljava/util/Hashtable",    "Ljava/util/Collections", NULL};
  unsigned at = (unsigned)(((uintptr_t)method >> 3) * 2654435761u) % MAX_KNOWN_METHODS;
  if (known_methods[at].method == method) return known_methods[at].verdict;
  jclass declarer;
  char *type = NULL, *name = NULL;
  int verdict = 0;
  if (JVMTI(GetMethodDeclaringClass, method, &declarer) != JVMTI_ERROR_NONE) return 0;
  if (JVMTI(GetClassSignature, declarer, &type, NULL) == JVMTI_ERROR_NONE &&
      JVMTI(GetMethodName, method, &name, NULL, NULL) == JVMTI_ERROR_NONE)
    verdict = judge(type, name);
  if (verdict == OF_JDK && !begins_with_any(type, of_one_object) && takes_monitor(method)) verdict |= BUSY;
  JVMTI(Deallocate, (unsigned char *)type);
  JVMTI(Deallocate, (unsigned char *)name);
  (*env)->DeleteLocalRef(env, declarer);
  known_methods[at].method = method;
  known_methods[at].verdict = verdict;
  return verdict;
}

static int verdict_on_stack(JNIEnv *env, jthread thread) {
  static jvmtiFrameInfo frames[MAX_FRAMES];
  jint count = 0;
  int result = 0, is_top = 1;
  if (JVMTI(GetStackTrace, thread, 0, MAX_FRAMES, frames, &count) != JVMTI_ERROR_NONE) return 0;
  for (int i = 0; i < count; i++) {
    int verdict = verdict_on(env, frames[i].method);
    if ((verdict & OF_JDK) == 0 || (verdict & ROOT) != 0) is_top = 0;
    result |= is_top ? verdict : verdict & ~BUSY;
  }
  return result;
}

/* Whether a thread in this system call waits for the kernel, and holds no lock of the C library. */
static int is_waiting_call(int call) {
  static const short waiting[] = {
      SYS_futex, SYS_read, SYS_readv, SYS_write, SYS_writev, SYS_recvfrom, SYS_recvmsg, SYS_sendto,
      SYS_sendmsg, SYS_accept, SYS_accept4, SYS_connect, SYS_wait4, SYS_waitid, SYS_ppoll,
      SYS_pselect6, SYS_epoll_pwait, SYS_nanosleep, SYS_clock_nanosleep, SYS_flock, SYS_fcntl,
      SYS_openat, SYS_rt_sigtimedwait, SYS_semtimedop,
#if defined(__x86_64__)
      SYS_poll, SYS_select, SYS_epoll_wait, SYS_open, SYS_pause,
#endif
  };
  for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++)
    if (waiting[i] == call) return 1;
  return call == BROKEN_CALL;
}

/* Which system call a thread is in, seen from outside; BROKEN_CALL if that cannot be seen. */
static int observed_call(pid_t tid, uint64_t *argument) {
  char path[48], text[64], *end;
  snprintf(path, sizeof path, "/proc/self/task/%d/syscall", tid);
  *argument = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return BROKEN_CALL;
  long n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return BROKEN_CALL;
  text[n] = 0;
  if (text[0] < '0' || text[0] > '9') return NO_CALL;
  int call = (int)strtol(text, &end, 10);
  *argument = strtoul(end, NULL, 16);
  return call;
}

/*
 * Whether a thread that is blocked in the machine is so because it is suspended (or parked), and not
 * because it waits for a lock of the machine, after which it may go back to native code: what it
 * waits on is then within its own record.
 */
static int is_held(const char *java_thread, int call, uint64_t argument) {
  uint64_t record = (uint64_t)(uintptr_t)java_thread;
  return call == SYS_futex && argument >= record && argument < record + (uint64_t)vm.record_size;
}

/* Whether a thread waits in the machine for input: the one by which jcmd attaches does. */
static int awaits_input(int call) {
  return call >= 0 && call != SYS_futex && is_waiting_call(call);
}

/* Whether a suspended thread waits in Java: parked, asleep, for a monitor. */
static int is_waiting(const struct suspended *one) {
  const jint waiting = JVMTI_THREAD_STATE_WAITING | JVMTI_THREAD_STATE_SLEEPING |
                       JVMTI_THREAD_STATE_PARKED | JVMTI_THREAD_STATE_BLOCKED_ON_MONITOR_ENTER;
  jint state = 0;
  JVMTI(GetThreadState, one->mounted != NULL ? one->mounted : one->thread, &state);
  return (state & waiting) != 0;
}

enum { SUITABLE, IN_CRITICAL_SECTION, IN_NATIVE_CODE, IN_MACHINE, IN_BAD_PLACE };

/*
 * Whether the child can do with a thread suspended where this one is. `share`: how much of the time
 * has gone, in eighths: where waiting does not help, the child may fare worse than with a thread
 * elsewhere, but a fork is better than none.
 */
static int look(JNIEnv *env, struct suspended *one, long share) {
  uint64_t argument;
  if (!one->is_own) return SUITABLE; /* suspended before: it does not exist, or the user takes care */
  if (criticals_of(one->java_thread) > 0) return IN_CRITICAL_SECTION;
  int stands = one->is_waiting = is_waiting(one);
  if (one->mounted != NULL && mp_is_poller(env, one->mounted)) return IN_BAD_PLACE;
  if (one->is_carrier && one->mounted == NULL && /* it is to go on in the child, but not with that */
      (verdict_on_stack(env, one->thread) & MOUNTING) != 0)
    return IN_BAD_PLACE;
  if (state_of(one->java_thread) == IN_NATIVE) {
    stands = is_waiting_call(observed_call(tid_of(one->java_thread), &argument));
    if (!stands) return IN_NATIVE_CODE;
  } else if (!one->is_waiting) {
    int call = observed_call(tid_of(one->java_thread), &argument);
    if (call != BROKEN_CALL && !awaits_input(call) && !is_held(one->java_thread, call, argument))
      return IN_MACHINE;
  }
  if (one->is_carrier && one->mounted == NULL) return SUITABLE; /* goes on in the child */
  int verdict = verdict_on_stack(env, one->mounted != NULL ? one->mounted : one->thread);
  if ((verdict & LOADING) != 0 && !(stands && share >= 2)) return IN_BAD_PLACE;
  if ((verdict & LOCKING) != 0 && !(stands && share >= 2)) return IN_BAD_PLACE;
  if ((verdict & LIBRARY) != 0 && !stands && share < 2) return IN_BAD_PLACE;
  if ((verdict & BUSY) != 0 && !stands && share < 4) return IN_BAD_PLACE;
  return SUITABLE;
}

static void linger(long nanos) {
  if (nanos > 200 * MICROSECOND) {
    struct timespec time = {0, nanos};
    nanosleep(&time, NULL);
    return;
  }
  for (long end = nanos_now() + nanos; nanos_now() < end;) sched_yield();
}

/* Brings a thread to another place. */
static void move(struct suspended *one, int verdict, JNIEnv *env) {
  long end = nanos_now() + MILLISECOND;
  if (verdict == IN_MACHINE && !one->is_carrier) { /* where it stops soon */
    sched_yield();
    return;
  }
  if (verdict == IN_NATIVE_CODE) { /* it stays suspended, and stops when it comes out */
    while (state_of(one->java_thread) == IN_NATIVE && nanos_now() < end) sched_yield();
    return;
  }
  mp_let_go(env, one);
  if (verdict == IN_CRITICAL_SECTION) {
    while (criticals_of(one->java_thread) > 0 && nanos_now() < end) {}
    suspend(one);
    return;
  }
  while (state_of(one->java_thread) == BLOCKED && nanos_now() < end) sched_yield();
  linger(one->patience);
  one->patience = (one->patience + 3 * MICROSECOND) % (80 * MICROSECOND);
  suspend(one);
}

/* --- choosing, when all stand still ------------------------------------------------------------- */

static struct slot *slot_of(struct slot *slots, int count, pid_t tid) {
  for (int i = 0; i < count; i++)
    if (slots[i].tid == tid) return &slots[i];
  return NULL;
}

static int choose(struct slot *slots, int count) {
  for (int i = 0; i < count; i++) slots[i].kept = is_of_machine(&slots[i]);
  for (int i = 0; i < mp_suspended_count; i++) {
    const char *java_thread = mp_suspended[i].java_thread;
    struct slot *slot = slot_of(slots, count, tid_of(java_thread));
    if (slot == NULL) continue; /* left out in the fork that made this process */
    unsuitable = i;
    if (criticals_of(java_thread) > 0) return -EAGAIN;
    switch (state_of(java_thread)) {
      case BLOCKED:
        if (!mp_suspended[i].is_waiting && mp_suspended[i].is_own &&
            !awaits_input(slot->call) && !is_held(java_thread, slot->call, slot->argument))
          return -EAGAIN;
        slot->kept = !awaits_input(slot->call);
        break;
      case IN_NATIVE:
        if (!is_waiting_call(slot->call)) return -EAGAIN;
        slot->kept = 0;
        break;
      default:
        return -EAGAIN;
    }
  }
  /* A thread that came to know the machine just now may run Java: the child would wait for it. */
  unsuitable = -1;
  char *list = *vm.list;
  char **threads = *(char ***)(list + vm.list_threads);
  for (unsigned i = 0; i < *(unsigned *)(list + vm.list_length); i++) {
    struct slot *slot = slot_of(slots, count, tid_of(threads[i]));
    if (slot != NULL && !slot->kept && !is_suspended(threads[i])) return -EAGAIN;
  }
  return 0;
}

/*
 * The counters for jstat are a file that parent and child would share, and that the child would
 * delete when it ends: they become its own memory.
 */
static void repair_counters(void) {
  char **start = (char **)field("PerfMemory", "_start");
  size_t *capacity = (size_t *)field("PerfMemory", "_capacity");
  int *is_initialized = (int *)field("PerfMemory", "_initialized");
  if ((long)start == -1 || (long)capacity == -1 || (long)is_initialized == -1) return;
  if (*is_initialized == 0 || *start == NULL) return;
  char *copy = mp_memory(*capacity);
  if (copy == NULL) return;
  memcpy(copy, *start, *capacity);
  mremap(copy, *capacity, *capacity, MREMAP_MAYMOVE | MREMAP_FIXED, *start);
  *is_initialized = 0;
}

static void repair(void) {
  repair_counters();
  mp_repair_descriptors();
  mp_repair_signals();
}

static void explain(JNIEnv *env, int index, int verdict) {
  jvmtiThreadInfo info;
  jvmtiFrameInfo frame;
  jclass declarer;
  jint count = 0;
  char *type = NULL, *method = NULL;
  struct suspended *one = &mp_suspended[index];
  jthread thread = one->mounted != NULL ? one->mounted : one->thread;
  if (index < 0 || JVMTI(GetThreadInfo, thread, &info) != JVMTI_ERROR_NONE) {
    snprintf(reason, reason_size, "threads of native code kept coming; fork when there is less to do");
    return;
  }
  if (JVMTI(GetStackTrace, thread, 0, 1, &frame, &count) == JVMTI_ERROR_NONE && count == 1 &&
      JVMTI(GetMethodDeclaringClass, frame.method, &declarer) == JVMTI_ERROR_NONE) {
    JVMTI(GetClassSignature, declarer, &type, NULL);
    JVMTI(GetMethodName, frame.method, &method, NULL, NULL);
    (*env)->DeleteLocalRef(env, declarer);
  }
  snprintf(reason, reason_size,
           "the thread \"%s\" does not leave %s (at %s.%s); fork while it does something else, or use"
           " the start method forkserver or spawn",
           info.name,
           verdict == IN_BAD_PLACE ? "class loading, or other work of the JDK under a lock"
           : verdict == IN_MACHINE ? "the virtual machine"
                                   : "native code",
           type == NULL ? "?" : type, method == NULL ? "?" : method);
}

/* Suspends all, and forks if all are at suitable places. Returns as mp_fork_by, -EAGAIN: try again. */
static long attempt(JNIEnv *env, long begin, long bound) {
  long round_end = nanos_now() + bound / 8;
  int found, known = mp_has_virtual_threads + mp_has_pollers;
  while ((found = suspend_new(env)) > 0) {}
  if (found < 0) return refuse(ENOMEM, "out of memory");
  if (known != mp_has_virtual_threads + mp_has_pollers) return -EAGAIN; /* prepare for them first */
  for (int unsuited = 1; unsuited > 0;) { /* in turns: one may wait for what another one holds */
    unsuited = 0;
    for (int i = 0; i < mp_suspended_count; i++) {
      struct suspended *one = &mp_suspended[i];
      long now = nanos_now();
      int verdict = one->is_suitable ? SUITABLE : look(env, one, (now - begin) * 8 / bound);
      one->is_suitable = verdict == SUITABLE;
      if (one->is_suitable) continue;
      if (now > begin + bound) {
        explain(env, i, verdict);
        return -ETIMEDOUT;
      }
      if (now > round_end) return -EAGAIN;
      move(one, verdict, env);
      unsuited++;
    }
  }
  const struct plan plan = {.end = nanos_now() + bound, .choose = choose, .repair = repair};
  long result = mp_fork_by(&plan);
  if (result == -ETIMEDOUT) return refuse(ETIMEDOUT, "a thread does not answer a signal");
  if (result == -EAGAIN && nanos_now() > begin + bound) {
    explain(env, unsuitable, IN_NATIVE_CODE);
    return -ETIMEDOUT;
  }
  return result;
}

/*
 * Forks this virtual machine with the caller as the only one of the user's threads; not by two
 * threads at a time, and not on a virtual one. Returns 0 in the child, its pid in the parent, or
 * -errno and why, for the user. Tries for so long; after an error everything goes on as it was.
 */
long mp_fork_caller(long bound_nanos, char *reason_buffer, long size) {
  JNIEnv *env;
  reason = reason_buffer;
  reason_size = (size_t)size;
  reason[0] = 0;
  long result = prepare(&env);
  if (result != 0) return result;
  (*env)->PushLocalFrame(env, 256);
  jthread caller = NULL;
  JVMTI(GetCurrentThread, &caller);
  memset(known_methods, 0, MAX_KNOWN_METHODS * sizeof *known_methods);
  mp_suspended_count = 0;
  long begin = nanos_now();
  for (long pause = 20 * MICROSECOND;; pause = pause > MILLISECOND ? pause : pause * 2) {
    result = mp_virtual_prepare(env) ? attempt(env, begin, bound_nanos) : refuse(ENOSYS, unknown);
    if (result == 0) mp_child_reset(env, caller);
    if (result != 0) let_all_go(env);
    if (result != -EAGAIN) break;
    linger(pause);
  }
  (*env)->PopLocalFrame(env, NULL);
  return result;
}
