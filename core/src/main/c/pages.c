/*
 * What a zygote does about its pages before it forks: each fork copies the tables of all of them.
 * Memory that the C library keeps for later is given back. Of what is left, blocks of 512 pages most
 * of which are in use become huge pages, for which a table has one entry. When a child or the zygote
 * writes to one, the kernel parts it again, and copies a small page, as before. So at most a page is
 * added for each one in use, and only once.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fork.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* of Linux 6.1; older ones refuse it */
#endif

enum { PAGES = 512 };

static int is_mostly_used(char *block, size_t page) {
  unsigned char in_use[PAGES];
  if (mincore(block, PAGES * page, in_use) != 0) return 0;
  int used = 0;
  for (int i = 0; i < PAGES; i++) used += in_use[i] & 1;
  return used >= PAGES / 2;
}

static long join(uintptr_t from, uintptr_t to, size_t page) {
  size_t block = PAGES * page;
  long joined = 0;
  for (uintptr_t at = (from + block - 1) & -block; at + block <= to; at += block)
    if (is_mostly_used((char *)at, page) && madvise((char *)at, block, MADV_COLLAPSE) == 0)
      joined++;
  return joined;
}

/* Gives how many huge pages were made. */
long mp_tidy_pages(void) {
  malloc_trim(0);
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) return 0;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *line = NULL;
  size_t room = 0;
  long joined = 0;
  while (getline(&line, &room, maps) > 0) {
    unsigned long from, to, inode;
    char rights[5];
    if (sscanf(line, "%lx-%lx %4s %*s %*s %lu", &from, &to, rights, &inode) == 4 && inode == 0 &&
        strncmp(rights, "rw", 2) == 0 && rights[3] == 'p' && strchr(line, '[') == NULL)
      joined += join(from, to, page);
  }
  free(line);
  fclose(maps);
  return joined;
}
