/*
 * Where things are in the virtual machine and in glibc's record of a thread. Found by name, or by
 * looking for what is known to be there: the record of a Java thread in the machine has a state and
 * the native thread; their offsets are in the table that libjvm has for debuggers
 * (gHotSpotVMStructs).
 */
#define _GNU_SOURCE
#include "layout.h"

#include <dlfcn.h>
#include <jni.h>
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fork.h"

struct layout mp_layout;
#define vm mp_layout

/* The code of a library. */
struct code {
  const char *begin, *end;
};

static struct code machine, allocator, loader, c_library;

void *mp_symbol(const char *name) {
  void *found = dlsym(RTLD_DEFAULT, name);
  if (found == NULL) {
    void *library = dlopen("libjvm.so", RTLD_LAZY | RTLD_NOLOAD);
    if (library != NULL) found = dlsym(library, name);
  }
  return found;
}

static uint64_t table_word(const char *name) {
  uint64_t *word = mp_symbol(name);
  return word == NULL ? 0 : *word;
}

long mp_offset(const char *type, const char *name) {
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

/* The entry of this name in a table; null: none. */
static char *entry_of(const char *table, const char *stride_of, const char *name_of, const char *name) {
  uint64_t stride = table_word(stride_of), name_at = table_word(name_of);
  char *entry = (char *)table_word(table);
  if (entry == NULL || stride == 0) return NULL;
  for (; *(char **)(entry + name_at) != NULL; entry += stride)
    if (strcmp(*(char **)(entry + name_at), name) == 0) return entry;
  return NULL;
}

long mp_size_of(const char *type) {
  char *entry = entry_of("gHotSpotVMTypes", "gHotSpotVMTypeEntryArrayStride",
                         "gHotSpotVMTypeEntryTypeNameOffset", type);
  return entry == NULL ? -1 : *(long *)(entry + table_word("gHotSpotVMTypeEntrySizeOffset"));
}

int mp_constant(const char *name) {
  char *entry = entry_of("gHotSpotVMIntConstants", "gHotSpotVMIntConstantEntryArrayStride",
                         "gHotSpotVMIntConstantEntryNameOffset", name);
  return entry == NULL ? -1 : *(int *)(entry + table_word("gHotSpotVMIntConstantEntryValueOffset"));
}

/* What find_code looks for: the code that an address is in. */
struct search {
  const char *address;
  struct code *found;
};

static int find_code(struct dl_phdr_info *object, size_t size, void *argument) {
  (void)size;
  struct search *search = argument;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    const char *begin = (const char *)(object->dlpi_addr + part->p_vaddr);
    if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0) continue;
    if (search->address < begin || search->address >= begin + part->p_memsz) continue;
    *search->found = (struct code){begin, begin + part->p_memsz};
    return 1;
  }
  return 0;
}

static struct code code_of(const void *function) {
  struct code found = {NULL, NULL};
  struct search search = {function, &found};
  dl_iterate_phdr(find_code, &search);
  return found;
}

static int is_in(struct code code, const char *address) {
  return address >= code.begin && address < code.end;
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

/*
 * The counters for jstat are a file that parent and child would share, and that the child would
 * delete when it ends: they become its own memory.
 */
static struct {
  char **start;
  size_t *capacity;
  int *is_initialized;
} counters;

static void find_counters(void) {
  counters.start = (char **)mp_offset("PerfMemory", "_start");
  counters.capacity = (size_t *)mp_offset("PerfMemory", "_capacity");
  counters.is_initialized = (int *)mp_offset("PerfMemory", "_initialized");
}

void mp_repair_counters(void) {
  if ((long)counters.start == -1 || (long)counters.capacity == -1) return;
  if ((long)counters.is_initialized == -1 || *counters.is_initialized == 0) return;
  char *start = *counters.start, *copy;
  size_t capacity = *counters.capacity;
  if (start == NULL || (copy = mp_memory(capacity)) == NULL) return;
  memcpy(copy, start, capacity);
  mremap(copy, capacity, capacity, MREMAP_MAYMOVE | MREMAP_FIXED, start);
  *counters.is_initialized = 0;
}

void mp_find_libraries(void) {
  if (loader.begin != NULL) return;
  c_library = code_of(mp_symbol("getpid"));
  loader = code_of(mp_symbol("__tls_get_addr"));
}

int mp_may_be_linking(const struct slot *slot) {
  return is_in(loader, slot->at) || is_in(c_library, slot->at);
}

int mp_layout_find(void) {
  vm.record_size = mp_size_of("JavaThread");
  vm.state = mp_offset("JavaThread", "_thread_state");
  vm.os_thread = mp_offset("Thread", "_osthread");
  vm.pthread_id = mp_offset("OSThread", "_pthread_id");
  vm.list = (char **)mp_offset("ThreadsSMRSupport", "_java_thread_list");
  vm.list_length = mp_offset("ThreadsList", "_length");
  vm.list_threads = mp_offset("ThreadsList", "_threads");
  if (vm.state < 0 || vm.record_size <= 0 || vm.os_thread < 0 || vm.pthread_id < 0) return 0;
  if ((long)vm.list == -1 || vm.list_length < 0 || vm.list_threads < 0) return 0;
  int of_pointer = thread_id_offset();
  vm.tid = of_pointer + ((char *)__builtin_thread_pointer() - (char *)pthread_self());
  machine = code_of(mp_symbol("JNI_GetCreatedJavaVMs"));
  mp_find_libraries();
  allocator = code_of(mp_symbol("malloc"));
  if (c_library.begin == NULL || allocator.begin == NULL || loader.begin == NULL) return 0;
  find_counters();
  pthread_t finder;
  if (pthread_create(&finder, NULL, find_routine, &vm.routine) != 0) return 0;
  pthread_join(finder, NULL);
  return of_pointer != 0 && machine.begin != NULL && vm.routine != 0;
}

/*
 * While a thread is in a critical section (JNI), Serial and Parallel do not collect. Its record has a
 * count of them, which is found by watching it.
 */
void mp_find_criticals(JNIEnv *env, const char *java_thread) {
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

int mp_criticals_of(const char *java_thread) {
  return vm.criticals == 0 ? 0 : *(volatile int *)(java_thread + vm.criticals);
}

/* In the child: a thread that does not go on is in none any more. */
void mp_clear_criticals(char *java_thread) {
  if (vm.criticals != 0) *(volatile int *)(java_thread + vm.criticals) = 0;
}

pid_t mp_tid_of(const char *java_thread) {
  char *os_thread = *(char **)(java_thread + vm.os_thread);
  char *pthread = os_thread == NULL ? NULL : *(char **)(os_thread + vm.pthread_id);
  return pthread == NULL ? 0 : *(pid_t *)(pthread + vm.tid);
}

int mp_state_of(const char *java_thread) {
  return *(volatile int *)(java_thread + vm.state);
}

int mp_is_of_machine(const struct slot *slot) {
  if (slot->thread_pointer == NULL) return 0; /* it ended before it could stop */
  return is_in(machine, *(char **)(slot->thread_pointer + vm.routine));
}

/*
 * Whether a thread that is not in a system call may hold a lock of the C library: those are taken
 * and given back within it. And in the machine it is on its way between native code and Java.
 */
int mp_is_harmless(const struct slot *slot) {
  const char *at = slot->at;
  return !is_in(machine, at) && !is_in(c_library, at) && !is_in(allocator, at) && !is_in(loader, at);
}
