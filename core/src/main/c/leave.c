/*
 * The way out of a process that was forked from a virtual machine: shutdown hooks are run, and the
 * virtual machine is not taken down, which would wait for threads that hold nothing of value.
 */
#define _GNU_SOURCE
#include "java.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Runs what System.exit would run, then ends this process with that status. Comes back only if it
 * does not find its way in this Java, with -ENOSYS.
 */
long mp_leave(int status) {
  JNIEnv *env = mp_env();
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
