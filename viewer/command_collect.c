/* command_collect.c: `socklife collect`: the collector as a process of its own; the shim starts it when there is no `run`. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/collector.h"
#include "viewer/command.h"
#include "viewer/options.h"

/*
 * Leaves whoever started us: descriptors first, so that `x=$(program)` returns; then session, signals, directory. Returns 1 in the
 * process that is to end at once, 0 in the one that goes on.
 */
static int detach(void)
{
	sigset_t none;
	pid_t pid;
	int null;

	if (close_range(0, ~0u, 0) != 0)
		for (int fd = 0; fd < 1024; fd++)
			close(fd);
	null = open("/dev/null", O_RDWR);
	dup2(null, 1);
	dup2(null, 2);
	pid = fork();
	if (pid != 0)
		return 1;
	setsid();
	if (fork() != 0)
		_exit(0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int signal = 1; signal < NSIG; signal++)
		if (signal != SIGKILL && signal != SIGSTOP)
			sigaction(signal, &(struct sigaction){.sa_handler = signal == SIGHUP || signal == SIGPIPE ? SIG_IGN : SIG_DFL}, NULL);
	umask(077);
	return chdir("/") != 0;
}

static int collect(const struct command *command, int argc, char **argv)
{
	struct options options = OPTIONS_START(command, argc, argv);
	const char *word, *database = NULL;
	char message[512] = "";
	int detached = 0;

	while ((word = options_next(&options))) {
		if (options_is(&options, "detach"))
			detached = 1;
		else if (options_is_operand(&options) && !database)
			database = word;
		else
			return options_fail(command, "one database is enough: socklife collect %s", database);
	}
	if (options.stopped)
		return options.status;
	if (!database)
		return options_fail(command, "which database? for example: socklife collect trace.db");
	if (detached && database[0] != '/')
		return options_fail(command, "--detach needs an absolute path");
	if (detached && detach())
		return COMMAND_OK;
	if (collector_run(database, message) != 0) {
		fprintf(stderr, "socklife: %s\n", message);
		return COMMAND_ERROR;
	}
	return COMMAND_OK;
}

static const struct command_option collect_options[] = {
	{"detach", 0, NULL, "go on in the background, without any descriptor of the starter's"},
	{NULL, 0, NULL, NULL},
};

const struct command command_collect = {
	.name = "collect",
	.group = COMMAND_RECORD,
	.summary = "store what traced processes record, until the last one ends",
	.usage = "[--detach] DATABASE",
	.options = collect_options,
	.manual = "Started by itself where it is needed: by the first record of a program that runs with a bare LD_PRELOAD, and by `run` for "
		"processes that the program leaves behind. When another collector is at work on the database, it ends at once.",
	.run = collect,
};
