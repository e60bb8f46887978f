/*
 * The classes that are being initialised, as the virtual machine knows them. A child of a fork that
 * wants one would wait for a thread that it does not have. The stack of that thread does not always
 * tell: it may have been suspended just before it came to the class's own code, or on its way back.
 */
#define _GNU_SOURCE
#include "jvm.h"
#include "layout.h"

static struct {
  char *const volatile *loaders; /* the first of all data of class loaders */
  long next_loader, classes;     /* of such data */
  long next_class, layout;       /* of a class */
  long state, initialiser;       /* of one that is no array */
} at;

static int being_initialised; /* a state */

int mp_classes_find(void) {
  at.loaders = (char *const volatile *)mp_offset("ClassLoaderDataGraph", "_head");
  at.next_loader = mp_offset("ClassLoaderData", "_next");
  at.classes = mp_offset("ClassLoaderData", "_klasses");
  at.next_class = mp_offset("Klass", "_next_link");
  at.layout = mp_offset("Klass", "_layout_helper");
  at.state = mp_offset("InstanceKlass", "_init_state");
  at.initialiser = mp_offset("InstanceKlass", "_init_thread");
  being_initialised = mp_constant("InstanceKlass::being_initialized");
  return (long)at.loaders != -1 && at.next_loader >= 0 && at.classes >= 0 && at.next_class >= 0 &&
         at.layout >= 0 && at.state >= 0 && at.initialiser >= 0 && being_initialised >= 0;
}

static char *pointer_at(const char *record, long offset) { return *(char *const *)(record + offset); }

int mp_each_initialiser(int (*visit)(const char *java_thread)) {
  for (char *loader = *at.loaders; loader != NULL; loader = pointer_at(loader, at.next_loader))
    for (char *class = pointer_at(loader, at.classes); class != NULL;
         class = pointer_at(class, at.next_class)) {
      int is_array = *(const int *)(class + at.layout) <= 0;
      if (is_array || class[at.state] != being_initialised) continue;
      int result = visit(pointer_at(class, at.initialiser));
      if (result != 0) return result;
    }
  return 0;
}
