/*
 * Files that a child of fork has in common with its parent, position and all: while one seeks and
 * reads in a jar, the other would have moved on in it. So whatever is open for reading alone is
 * opened anew, where it stood. What is open for writing stays common, as POSIX has it: logs of both
 * go behind each other. System calls and own memory only, since other threads are stopped or missing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fork.h"

static int number_of(const char *name) {
  int number = 0;
  for (; *name >= '0' && *name <= '9'; name++) number = number * 10 + *name - '0';
  return *name == 0 ? number : -1; /* "." and ".." */
}

static int own(int directory, int fd, const char *name) {
  struct stat status;
  int flags = fd == directory ? -1 : fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & (O_ACCMODE | O_PATH)) != O_RDONLY) return 0;
  if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) return 0;
  off_t position = lseek(fd, 0, SEEK_CUR);
  int close_on_exec = fcntl(fd, F_GETFD) & FD_CLOEXEC;
  int anew = openat(directory, name, (flags & ~O_CREAT & ~O_TRUNC) | O_CLOEXEC);
  if (anew < 0) return 0; /* no longer ours to read: it stays common */
  if (lseek(anew, position, SEEK_SET) == position) dup3(anew, fd, close_on_exec ? O_CLOEXEC : 0);
  close(anew);
  return 0;
}

int mp_each_number(const char *path, int (*visit)(int folder, int number, const char *name)) {
  struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
  };
  int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -errno;
  int result = 0;
  _Alignas(struct entry) char buffer[8192];
  for (long n; result == 0 && (n = syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0;) {
    for (char *at = buffer; result == 0 && at < buffer + n; at += ((struct entry *)at)->length) {
      const char *name = ((struct entry *)at)->name;
      int number = number_of(name);
      if (number >= 0) result = visit(folder, number, name);
    }
  }
  close(folder);
  return result;
}

void mp_own_files(void) { mp_each_number("/proc/self/fd", own); }
