/* What the library has for Java: a function that is not declared here cannot be found in it. */
#if !defined(MULTIPROCESSING_EXPORTS_H) && !defined(__ASSEMBLER__)
#define MULTIPROCESSING_EXPORTS_H

#pragma GCC visibility push(default)

long mp_fork(int sibling, long bound_nanos);

#pragma GCC visibility pop

#endif
