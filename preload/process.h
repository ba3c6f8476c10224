/*
 * process.h: what the files about processes offer each other and the constructor: process.c (fork, clone, exit), exec.c (exec and
 * spawn), child_environment.c (what a child needs in its environment), executable.c (can that file be traced?).
 */
#ifndef PRELOAD_PROCESS_H
#define PRELOAD_PROCESS_H

#include "preload/hooks.h"

/* execve and execveat as system calls. */
hook_through *exec_through(long number);

/* Keeps what children will need: the constructor calls it with the environment in its final form. */
void child_environment_init(char *const *environment);

extern int child_follow __attribute__((visibility("hidden"))); /* 0: SOCKLIFE_FOLLOW=0 */

enum child_environment_change {
	CHILD_WITHOUT_US = 1, /* our library is taken out of LD_PRELOAD, instead of being put in */
	CHILD_SAME_PID = 2,   /* exec: the next image follows this one */
};

/* Would a child with this environment be traced? */
int child_environment_is_whole(char *const *environment);

/* May the program, with the root directory and rights it has now, load our library? If not, ld.so would complain. */
int child_library_is_reachable(void);

/*
 * How much memory the new environment takes at most, and then the environment itself, built there. runtime: the library that the program wants before
 * all others (executable_needs); "": none; NULL: the environment says already.
 */
size_t child_environment_bytes(char *const *environment);
char **child_environment_build(void *memory, char *const *environment, unsigned changes, const char *runtime);

#define EXECUTABLE_RUNTIME_BYTES 48
struct executable_needs {
	int without_us; /* its dynamic linker would complain about our library */
	/* AddressSanitizer's library, which ends a program in which it does not come first; empty: the program has none. */
	char runtime[EXECUTABLE_RUNTIME_BYTES];
};

/*
 * Why a file cannot be traced once it is executed; NULL: it can, or it will not start at all. `buffer` is for the function's own use.
 * Makes a few system calls; none changes a thing.
 */
#define EXECUTABLE_BUFFER_BYTES 2304
const char *executable_examine(int directory_fd, const char *path, int flags, char *buffer, struct executable_needs *needs);

#endif
