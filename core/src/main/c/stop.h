/* Where a thread stands, and how a new thread goes on from there. Per architecture: stop_*.S */
#ifndef MULTIPROCESSING_STOP_H
#define MULTIPROCESSING_STOP_H

#include <stdint.h>

/* What a function call leaves alone: words[0] is the stack pointer, words[1] where to go on. */
struct context {
  uint64_t words[24];
};

/* Notes where the caller stands. Returns 0; and 1 in a thread that goes on from there. */
extern int mp_save(struct context *context) __attribute__((returns_twice));

/*
 * The system call clone, whose new thread goes on from `resume`. `stack` is only what it has until
 * then. Returns the id of the new thread, or a negative error number.
 */
extern long mp_clone(unsigned long flags, void *stack, void *parent_tid, void *child_tid, void *tls,
                     struct context *resume);

#endif
