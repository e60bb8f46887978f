/*
 * The free part of a young generation: between collections it is full of what is dead, and a fork
 * would copy the page tables of all that, and the child write to copies of its pages. So the zygote
 * gives these pages back before it forks; whoever allocates there gets zeros, and no virtual machine
 * counts on more. Known for the serial collector alone, by the table that libjvm has for debuggers;
 * where something is not as known nothing is given back.
 */
#define _GNU_SOURCE
#include "layout.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fork.h"

static struct {
  char **heap;
  long young, reserved, is_collecting, spaces[3], top, end;
} serial;

static int is_known; /* 1: as below; -1: not to be used */

/* A flag of the command line; 0 if there is none of that name. */
static int is_flag_set(const char *name) {
  char **flags = (char **)mp_offset("JVMFlag", "flags");
  size_t *count = (size_t *)mp_offset("JVMFlag", "numFlags");
  long name_at = mp_offset("JVMFlag", "_name"), value_at = mp_offset("JVMFlag", "_addr");
  long size = mp_size_of("JVMFlag");
  if ((long)flags == -1 || (long)count == -1 || name_at < 0 || value_at < 0 || size <= 0) return 0;
  for (size_t i = 0; i < *count; i++) {
    char *flag = *flags + i * (size_t)size;
    const char *own = *(char **)(flag + name_at);
    if (own != NULL && strcmp(own, name) == 0) return **(char **)(flag + value_at);
  }
  return 0;
}

static int find(void) {
  static const char *const names[] = {"_eden_space", "_from_space", "_to_space"};
  serial.heap = (char **)mp_offset("Universe", "_collectedHeap");
  serial.young = mp_offset("SerialHeap", "_young_gen");
  serial.is_collecting = mp_offset("CollectedHeap", "_is_stw_gc_active");
  serial.top = mp_offset("ContiguousSpace", "_top");
  serial.end = mp_offset("ContiguousSpace", "_end");
  for (int i = 0; i < 3; i++)
    if ((serial.spaces[i] = mp_offset("DefNewGeneration", names[i])) < 0) return -1;
  return (long)serial.heap != -1 && serial.young >= 0 && serial.is_collecting >= 0 &&
                 serial.top >= 0 && serial.end >= 0 && is_flag_set("UseSerialGC")
             ? 1
             : -1;
}

void mp_find_heap(void) {
  if (is_known == 0) is_known = find();
}

/* Called while all threads stand still: then nobody is about to write beyond a top. */
void mp_drop_free_heap(void) {
  if (is_known != 1 || *serial.heap == NULL || (*serial.heap)[serial.is_collecting] != 0) return;
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  char *young = *(char **)(*serial.heap + serial.young);
  for (int i = 0; i < 3; i++) {
    char *space = *(char **)(young + serial.spaces[i]);
    uintptr_t top = *(uintptr_t *)(space + serial.top), end = *(uintptr_t *)(space + serial.end);
    uintptr_t from = (top + page - 1) & -page, to = end & -page;
    if (from < to) madvise((void *)from, to - from, MADV_DONTNEED);
  }
}
