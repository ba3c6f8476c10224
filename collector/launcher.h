/* launcher.h: `socklife run`: starts a program under the shim, collects while it runs, and ends as it ended. */
#ifndef COLLECTOR_LAUNCHER_H
#define COLLECTOR_LAUNCHER_H

struct launcher_options {
	const char *output;     /* database; NULL: socklife.db */
	const char *payload;    /* values of the SOCKLIFE_* variables of the same names; NULL: not set */
	const char *detail, *intercept, *spool_max, *follow;
	int no_names;
	int wait;               /* wait for processes that the program leaves behind */
	int quiet;              /* no summary */
	const char *untraceable; /* why the program cannot be traced: it becomes a gap; NULL: it can */
	const char *runtime;    /* a library that the program wants to be loaded before all others; NULL: none */
	char **argv;            /* the program and its arguments, NULL-terminated */
};

#define LAUNCHER_FAILED 125    /* socklife itself failed before the program was started */
#define LAUNCHER_CANNOT_RUN 126
#define LAUNCHER_NOT_FOUND 127

/*
 * Runs the program. Returns its exit status, or LAUNCHER_* with a line on standard error; 2 for unusable options. When the
 * program died of a signal, *signal is its number (else 0): the caller is to die of it too, by launcher_die.
 */
int launcher_run(const struct launcher_options *options, int *signal);

/* Dies of the signal as the program did, without a core file of its own. */
_Noreturn void launcher_die(int signal);

/* Starts `socklife collect --detach database`. Returns 0 or a negative errno. */
int launcher_hand_over(const char *database);

/* At most five lines on standard error: what was recorded, gaps, the next command. */
void launcher_summarize(const char *database);

#endif
