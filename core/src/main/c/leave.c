/*
 * The way out of a process that was forked from a virtual machine: shutdown hooks are run, and the
 * virtual machine is not taken down, which would wait for threads that hold nothing of value.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <jni.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the calling thread uses to reach Java; NULL if it is none of the virtual machine's. */
static JNIEnv *java(void) {
  typedef jint (*lookup)(JavaVM **, jsize, jsize *);
  lookup find = (lookup)dlsym(RTLD_DEFAULT, "JNI_GetCreatedJavaVMs");
  JavaVM *machine;
  JNIEnv *env;
  jsize count = 0;
  if (find == NULL || find(&machine, 1, &count) != JNI_OK || count == 0) return NULL;
  return (*machine)->GetEnv(machine, (void **)&env, JNI_VERSION_1_8) == JNI_OK ? env : NULL;
}

/*
 * Runs what System.exit would run, then ends this process with that status. Comes back only if it
 * does not find its way in this Java, with -ENOSYS.
 */
long mp_leave(int status) {
  JNIEnv *env = java();
  if (env == NULL) return -ENOSYS;
  jclass type = (*env)->FindClass(env, "java/lang/Shutdown");
  jmethodID shutdown =
      type == NULL ? NULL : (*env)->GetStaticMethodID(env, type, "shutdown", "()V");
  if (shutdown == NULL) {
    (*env)->ExceptionClear(env);
    return -ENOSYS;
  }
  (*env)->CallStaticVoidMethod(env, type, shutdown);
  syscall(SYS_exit_group, status);
  return -ENOSYS;
}
