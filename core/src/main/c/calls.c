/*
 * The way from Java to the kernel and to the C library, as native methods: these need no linking
 * but to look up their names, while the first downcall of the foreign function interface takes a
 * fresh virtual machine some 50 ms.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <jni.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 16384
#define MOST_DESCRIPTORS 64
#define MOST_OF_NAME 63
#define MOST_POLLED 64
#define MOST_ARGUMENTS 255

_Static_assert(sizeof(jvalue) == sizeof(jlong), "bits go into values");

/* A function of integers and pointers: it takes as many of the registers as it wants. */
typedef long (*function)(long, long, long, long, long, long, long);

/* Gives the result of a system call, or the negated error number, as the kernel does. */
JNIEXPORT jlong JNICALL Java_multiprocessing_internal_os_HelperCalls_systemCall(
    JNIEnv *env, jclass type, jlong number, jlong a, jlong b, jlong c, jlong d, jlong e, jlong f) {
  (void)env, (void)type;
  long result = syscall(number, a, b, c, d, e, f);
  return result == -1 ? -errno : result;
}

JNIEXPORT jlong JNICALL Java_multiprocessing_internal_os_HelperCalls_call(
    JNIEnv *env, jclass type, jlong address, jlong a, jlong b, jlong c, jlong d, jlong e, jlong f) {
  (void)env, (void)type;
  return ((function)(intptr_t)address)(a, b, c, d, e, f, 0);
}

/* The address of a function of this library or of the C library, by its name; 0 if there is none. */
JNIEXPORT jlong JNICALL Java_multiprocessing_internal_os_HelperCalls_find(JNIEnv *env, jclass type,
                                                                          jbyteArray bytes) {
  (void)type;
  Dl_info own;
  char name[MOST_OF_NAME + 1] = {0};
  jsize length = (*env)->GetArrayLength(env, bytes);
  if (length > MOST_OF_NAME) return 0;
  (*env)->GetByteArrayRegion(env, bytes, 0, length, (jbyte *)name);
  if (dladdr((void *)&Java_multiprocessing_internal_os_HelperCalls_find, &own) == 0) return 0;
  void *library = dlopen(own.dli_fname, RTLD_NOW | RTLD_NOLOAD);
  if (library == NULL) return 0;
  jlong address = (jlong)(intptr_t)dlsym(library, name);
  dlclose(library); /* it stays, since Java has it */
  return address;
}

JNIEXPORT jint JNICALL Java_multiprocessing_internal_os_HelperCalls_resetSignal(
    JNIEnv *env, jclass type, jint signal, jboolean unless_ignored) {
  (void)env, (void)type;
  struct sigaction action;
  if (unless_ignored) {
    if (sigaction(signal, NULL, &action) != 0) return -errno;
    if (action.sa_handler == SIG_IGN) return 0;
  }
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  return sigaction(signal, &action, NULL) == 0 ? 0 : -errno;
}

/* How much of an array from an offset on goes through a buffer of ours. */
static jsize part(JNIEnv *env, jbyteArray bytes, jint offset) {
  jsize length = (*env)->GetArrayLength(env, bytes) - offset;
  return length < CHUNK ? length : CHUNK;
}

JNIEXPORT jint JNICALL Java_multiprocessing_internal_os_HelperCalls_send(
    JNIEnv *env, jclass type, jint socket, jbyteArray bytes, jint offset) {
  (void)type;
  char buffer[CHUNK];
  jsize length = part(env, bytes, offset);
  (*env)->GetByteArrayRegion(env, bytes, offset, length, (jbyte *)buffer);
  if ((*env)->ExceptionCheck(env)) return 0;
  ssize_t sent;
  do sent = send(socket, buffer, (size_t)length, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : (jint)sent;
}

/* Puts the number of descriptors that came with a message in front of them; -1: some are lost. */
static void deliver(JNIEnv *env, struct msghdr *message, jintArray descriptors) {
  jint arrived[1 + MOST_DESCRIPTORS] = {0};
  for (struct cmsghdr *each = CMSG_FIRSTHDR(message); each; each = CMSG_NXTHDR(message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(arrived + 1, CMSG_DATA(each), count * sizeof(int));
    arrived[0] = (jint)count;
  }
  if ((message->msg_flags & MSG_CTRUNC) != 0) arrived[0] = -1;
  (*env)->SetIntArrayRegion(env, descriptors, 0, 1 + MOST_DESCRIPTORS, arrived);
}

JNIEXPORT jint JNICALL Java_multiprocessing_internal_os_HelperCalls_receive(
    JNIEnv *env, jclass type, jint socket, jbyteArray bytes, jint offset, jboolean wait,
    jintArray descriptors) {
  (void)type;
  char buffer[CHUNK];
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
  struct iovec vector = {buffer, (size_t)part(env, bytes, offset)};
  struct msghdr message = {.msg_iov = &vector,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  ssize_t count;
  do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
  while (count < 0 && errno == EINTR);
  if (count <= 0) return count < 0 ? -errno : 0;
  deliver(env, &message, descriptors);
  (*env)->SetByteArrayRegion(env, bytes, offset, (jsize)count, (jbyte *)buffer);
  return (jint)count;
}

/* The kernel writes the time left into the limit, so one that a signal breaks does not begin again. */
JNIEXPORT jint JNICALL Java_multiprocessing_internal_os_HelperCalls_poll(
    JNIEnv *env, jclass type, jintArray fds, jshortArray events, jlong millis) {
  (void)type;
  jint numbers[MOST_POLLED];
  jshort states[MOST_POLLED];
  struct pollfd set[MOST_POLLED];
  struct timespec limit = {millis / 1000, millis % 1000 * 1000000};
  jsize count = (*env)->GetArrayLength(env, fds);
  if (count > MOST_POLLED) return -EINVAL;
  (*env)->GetIntArrayRegion(env, fds, 0, count, numbers);
  (*env)->GetShortArrayRegion(env, events, 0, count, states);
  if ((*env)->ExceptionCheck(env)) return 0;
  for (jsize i = 0; i < count; i++) set[i] = (struct pollfd){numbers[i], states[i], 0};
  long ready;
  do ready = syscall(SYS_ppoll, set, count, millis < 0 ? NULL : &limit, NULL, 0);
  while (ready < 0 && errno == EINTR);
  for (jsize i = 0; i < count; i++) states[i] = ready < 0 ? 0 : set[i].revents;
  (*env)->SetShortArrayRegion(env, events, 0, count, states);
  return ready < 0 ? -errno : (jint)ready;
}

/*
 * Calls a method of Java that gives no result; what it throws goes on. A primitive argument is in bits,
 * where the other one is null.
 */
JNIEXPORT void JNICALL Java_multiprocessing_internal_os_HelperCalls_run(
    JNIEnv *env, jclass type, jclass home, jstring name, jstring signature, jobject receiver,
    jobjectArray arguments, jlongArray bits) {
  (void)type;
  jvalue values[MOST_ARGUMENTS];
  jsize count = (*env)->GetArrayLength(env, arguments);
  if (count > MOST_ARGUMENTS || (*env)->EnsureLocalCapacity(env, count + 1) != 0) return;
  (*env)->GetLongArrayRegion(env, bits, 0, count, (jlong *)values); /* as wide as a value */
  for (jsize i = 0; i < count; i++) {
    jobject object = (*env)->GetObjectArrayElement(env, arguments, i);
    if (object != NULL) values[i].l = object;
  }
  const char *text = (*env)->GetStringUTFChars(env, name, NULL);
  if (text == NULL) return;
  const char *form = (*env)->GetStringUTFChars(env, signature, NULL);
  if (form == NULL) return;
  jmethodID method = receiver == NULL ? (*env)->GetStaticMethodID(env, home, text, form)
                                      : (*env)->GetMethodID(env, home, text, form);
  (*env)->ReleaseStringUTFChars(env, signature, form);
  (*env)->ReleaseStringUTFChars(env, name, text);
  if (method == NULL) return;
  if (receiver == NULL)
    (*env)->CallStaticVoidMethodA(env, home, method, values);
  else
    (*env)->CallVoidMethodA(env, receiver, method, values);
}
