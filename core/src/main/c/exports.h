/* What the library has for Java: a function that is not declared here cannot be found in it. */
#if !defined(MULTIPROCESSING_EXPORTS_H) && !defined(__ASSEMBLER__)
#define MULTIPROCESSING_EXPORTS_H

#pragma GCC visibility push(default)

long mp_fork(int sibling, long bound_nanos);
long mp_fork_caller(long bound_nanos, char *reason_buffer, long size);
long mp_threads_soon(long nanos);
long mp_seeds_ready(int rare);
long mp_seeds_anew(void);
long mp_leave(int status);
long mp_tidy_pages(void);

#pragma GCC visibility pop

#endif
