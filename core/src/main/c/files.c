/*
 * Files that a child of fork has in common with its parent, position and all: while one seeks and
 * reads in a jar, the other would have moved on in it. So whatever is open for reading alone is
 * opened anew, where it stood. What is open for writing stays common, as POSIX has it: logs of both
 * go behind each other. System calls and own memory only, since other threads are stopped or missing.
 */
#define _GNU_SOURCE
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

static void own(int directory, const char *name) {
  struct stat status;
  int fd = number_of(name);
  int flags = fd < 0 || fd == directory ? -1 : fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & (O_ACCMODE | O_PATH)) != O_RDONLY) return;
  if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) return;
  off_t position = lseek(fd, 0, SEEK_CUR);
  int close_on_exec = fcntl(fd, F_GETFD) & FD_CLOEXEC;
  int anew = openat(directory, name, (flags & ~O_CREAT & ~O_TRUNC) | O_CLOEXEC);
  if (anew < 0) return; /* no longer ours to read: it stays common */
  if (lseek(anew, position, SEEK_SET) == position) dup3(anew, fd, close_on_exec ? O_CLOEXEC : 0);
  close(anew);
}

void mp_own_files(void) {
  struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
  };
  int directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  _Alignas(struct entry) char buffer[4096];
  for (long n; (n = syscall(SYS_getdents64, directory, buffer, sizeof buffer)) > 0;)
    for (char *at = buffer; at < buffer + n; at += ((struct entry *)at)->length)
      own(directory, ((struct entry *)at)->name);
  close(directory);
}
