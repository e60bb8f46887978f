/*
 * For a program that qemu-user runs: its emulator has a thread of its own in the same process, which
 * takes no signals and which a fork would wait for in vain. Hides that thread from whoever lists the
 * threads, by a function `syscall` that stands before that of the C library.
 */
#ifndef MULTIPROCESSING_EMULATED_H
#define MULTIPROCESSING_EMULATED_H

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static long emulators[8];

static long raw_syscall(long number, const long *arguments) {
#if defined(__x86_64__)
  long result;
  register long r10 __asm__("r10") = arguments[3];
  register long r8 __asm__("r8") = arguments[4];
  register long r9 __asm__("r9") = arguments[5];
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]), "r"(r10),
                     "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#else
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = arguments[0];
  register long x1 __asm__("x1") = arguments[1];
  register long x2 __asm__("x2") = arguments[2];
  register long x3 __asm__("x3") = arguments[3];
  register long x4 __asm__("x4") = arguments[4];
  register long x5 __asm__("x5") = arguments[5];
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8)
                   : "memory");
  return x0;
#endif
}

/* Takes the emulator's threads out of what getdents64 has given. */
static long without_emulators(char *entries, long length) {
  for (long at = 0; at < length;) {
    unsigned short size;
    memcpy(&size, entries + at + 16, sizeof size);
    int hidden = 0;
    for (int i = 0; emulators[i] != 0; i++) hidden |= atol(entries + at + 19) == emulators[i];
    if (hidden) {
      memmove(entries + at, entries + at + size, length - at - size);
      length -= size;
    } else {
      at += size;
    }
  }
  return length;
}

long syscall(long number, ...) {
  long values[6];
  va_list arguments;
  va_start(arguments, number);
  for (int i = 0; i < 6; i++) values[i] = va_arg(arguments, long);
  va_end(arguments);
  long result = raw_syscall(number, values);
  if (number == SYS_getdents64 && result > 0)
    result = without_emulators((char *)values[1], result);
  if (result >= 0 || result < -4095) return result;
  errno = (int)-result;
  return -1;
}

/* Notes the threads that are not known to the program: to be called while it starts none. */
static void note_emulators(int (*is_known)(long tid)) {
  int count = 0;
  DIR *tasks = opendir("/proc/self/task"); /* glibc makes its system calls itself */
  for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
    long tid = atol(task->d_name);
    if (tid != 0 && !is_known(tid)) emulators[count++] = tid;
  }
  emulators[count] = 0;
  closedir(tasks);
}

#endif
