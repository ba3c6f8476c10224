/*
 * environment.h: the environment variables through which `socklife run` and a bare LD_PRELOAD steer the shim, and which
 * the shim puts back for children. The one home of their names.
 */
#ifndef SCHEMA_ENVIRONMENT_H
#define SCHEMA_ENVIRONMENT_H

#define ENVIRONMENT_PREFIX "SOCKLIFE_"
#define ENVIRONMENT_DB "SOCKLIFE_DB"               /* path of the database; default socklife.db in the working directory; made absolute by the shim */
#define ENVIRONMENT_SPOOL_MAX "SOCKLIFE_SPOOL_MAX" /* bytes of one spool at most; suffixes K, M, G */
#define ENVIRONMENT_PAYLOAD "SOCKLIFE_PAYLOAD"     /* bytes of each data call to keep; default 0 */
#define ENVIRONMENT_DETAIL "SOCKLIFE_DETAIL"       /* calls (default) or sockets */
#define ENVIRONMENT_FOLLOW "SOCKLIFE_FOLLOW"       /* 0: do not put LD_PRELOAD back into a child's environment */
#define ENVIRONMENT_INTERCEPT "SOCKLIFE_INTERCEPT" /* auto (default) or symbols */
#define ENVIRONMENT_NAMES "SOCKLIFE_NAMES"         /* 0: do not record host names looked up (run --no-names) */
#define ENVIRONMENT_COLLECTOR "SOCKLIFE_COLLECTOR" /* path of the socklife program to start as collector; none: do not start one */
#define ENVIRONMENT_LIBRARY "SOCKLIFE_LIBRARY"     /* not used: the shim puts LD_PRELOAD itself back for children */
#define ENVIRONMENT_IMAGE "SOCKLIFE_IMAGE"         /* set by the shim at exec: the pid, so that the next image knows that it follows one */
#define ENVIRONMENT_RUNTIME "SOCKLIFE_RUNTIME"     /* set with it: the sanitizer's library that stands before ours in LD_PRELOAD because the program wants it first */

#define SPOOL_MAX_DEFAULT_BYTES (UINT64_C(1) << 30) /* address space: blocks are reserved only as they are needed */
#define SPOOL_FIRST_BYTES (UINT64_C(1) << 20)      /* reserved when the spool is made */

#endif
