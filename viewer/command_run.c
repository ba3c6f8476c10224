/* command_run.c: `socklife run`: the front door. What it does: collector/launcher.h. */
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/launcher.h"
#include "viewer/command.h"
#include "viewer/database.h"
#include "viewer/executable.h"
#include "viewer/options.h"
#include "viewer/suggest.h"
#include "viewer/suppress.h"

static int is_size(const char *text)
{
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	strtoull(text, &end, 10);
	return *end == 0 || (strchr("KMGkmg", *end) && end[1] == 0);
}

static int is_one_of(const char *text, const char *first, const char *second)
{
	return !strcmp(text, first) || !strcmp(text, second);
}

static int check_values(const struct command *command, const struct launcher_options *run)
{
	if (run->payload && !is_size(run->payload))
		return options_fail(command, "--payload=%s: a number of bytes is wanted, for example --payload=64", run->payload);
	if (run->spool_max && !is_size(run->spool_max))
		return options_fail(command, "--spool-max=%s: a size is wanted, for example --spool-max=1G", run->spool_max);
	if (run->detail && !is_one_of(run->detail, "calls", "sockets"))
		return options_fail(command, "--detail=%s: it is 'calls' or 'sockets'", run->detail);
	if (run->intercept && !is_one_of(run->intercept, "auto", "symbols"))
		return options_fail(command, "--intercept=%s: it is 'auto' or 'symbols'", run->intercept);
	if (run->follow && !is_one_of(run->follow, "0", "1"))
		return options_fail(command, "--follow=%s: it is 0 or 1", run->follow);
	return 0;
}

#define JOURNAL_BYTES 8 /* "-journal": SQLite wants room for that name as well */

/* Bytes of the path as SQLite has it: absolute, links followed. */
static size_t measure_path(const char *path)
{
	sqlite3_vfs *files = sqlite3_vfs_find(NULL);
	char full[PATH_MAX];
	int code = files->xFullPathname(files, path, files->mxPathname + 1, full);

	if (code == SQLITE_OK || code == SQLITE_OK_SYMLINK)
		return strlen(full);
	return strlen(path) + (*path != '/' && getcwd(full, sizeof full) ? strlen(full) + 1 : 0);
}

/* A path that SQLite would refuse once the program runs is refused before. Returns 0, or the exit status after a message. */
static int check_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t length = measure_path(path), most = (size_t)sqlite3_vfs_find(NULL)->mxPathname - JOURNAL_BYTES;
	size_t name_length = strlen(slash ? slash + 1 : path), name_most = NAME_MAX - JOURNAL_BYTES;

	if (length <= most && name_length <= name_most)
		return 0;
	fprintf(stderr, "socklife: the %s of the database is too long: %zu bytes, and SQLite takes %zu; name a shorter one with -o\n",
		length > most ? "path" : "name", length > most ? length : name_length, length > most ? most : name_most);
	return LAUNCHER_FAILED;
}

struct run_check {
	int wanted, error_exitcode;
	const char **argv; /* of the command: check, the database, --suppress FILE …; room for twice the words of ours */
	int argc;
};

/* A file that check would refuse is refused before the program is run for an hour. */
static int take_suppressions(struct run_check *check, const char *path)
{
	struct suppress suppress = {0};
	int error = suppress_read(&suppress, path);

	suppress_free(&suppress);
	if (error)
		return COMMAND_ERROR;
	check->wanted = 1;
	check->argv[check->argc++] = "--suppress";
	check->argv[check->argc++] = path;
	return 0;
}

static int take_exitcode(const struct command *command, struct run_check *check, const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (*end || end == text || number < 1 || number > 255)
		return options_fail(command, "--error-exitcode=%s: a number from 1 to 255 is wanted", text);
	check->wanted = 1;
	check->error_exitcode = (int)number;
	return 0;
}

/* `check` of the finished trace, on standard error: standard output is the program's. Returns the exit status of it all. */
static int check_trace(struct run_check *check, const char *path, int status, int signal)
{
	const struct command *command = command_find("check");
	int checked;

	fflush(stdout);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	check->argv[0] = "check";
	check->argv[1] = path;
	checked = command->run(command, check->argc, (char **)check->argv);
	if (checked == COMMAND_FINDINGS)
		return check->error_exitcode;
	if (checked == COMMAND_ERROR && status == 0 && !signal)
		return COMMAND_ERROR;
	if (signal)
		launcher_die(signal);
	return status;
}

/* What cannot be run is told before an earlier trace gets another name. Returns 0, or the exit status after a message. */
static int check_program(const char *name)
{
	const char *search = getenv("PATH");
	char path[PATH_MAX];
	int error = executable_find(name, path, sizeof path);

	if (!error && !strchr(path, '/') && search && *search) {
		fprintf(stderr, "socklife: cannot run %s: it is here, but not in PATH; for example: socklife run ./%s\n", name, name);
		return LAUNCHER_NOT_FOUND;
	}
	if (!error && access(path, X_OK) != 0)
		error = -errno;
	if (!error)
		return 0;
	fprintf(stderr, "socklife: cannot run %s: %s\n", name, strerror(-error));
	return error == -ENOENT ? LAUNCHER_NOT_FOUND : LAUNCHER_CANNOT_RUN;
}

/*
 * What there is to know before the program is started: why it cannot be traced, for the trace to say so (it is run all the same); and the library that
 * it wants to be loaded first. Both point into *report and text.
 */
static void look_at_program(struct launcher_options *launch, struct executable_report *report, char *text, size_t room)
{
	if (executable_find(launch->argv[0], report->path, sizeof report->path) || executable_examine(report) || !report->linking)
		return;
	if (report->runtime[0])
		launch->runtime = report->runtime;
	for (int i = 0; i < report->finding_count && !launch->untraceable; i++) {
		if (report->findings[i].verdict == VERDICT_NO) {
			snprintf(text, room, "%s: %s", report->path, report->findings[i].what);
			launch->untraceable = text;
		}
	}
}

static int run(const struct command *command, int argc, char **argv)
{
	const char *check_words[2 * argc + 2];
	struct run_check check = {.error_exitcode = COMMAND_FINDINGS, .argv = check_words, .argc = 2};
	struct options options = OPTIONS_START(command, argc, argv);
	struct executable_report report = {.headers_only = 1};
	struct launcher_options launch = {0};
	char untraceable[4400];
	int status = 0, signal;

	options.operands_end_options = 1;
	while (options_next(&options)) {
		if (options_is_operand(&options)) {
			launch.argv = argv + options.index - 1;
			break;
		}
		if (options_is(&options, "output"))
			launch.output = options.value;
		else if (options_is(&options, "payload"))
			launch.payload = options.value;
		else if (options_is(&options, "detail"))
			launch.detail = options.value;
		else if (options_is(&options, "intercept"))
			launch.intercept = options.value;
		else if (options_is(&options, "spool-max"))
			launch.spool_max = options.value;
		else if (options_is(&options, "follow"))
			launch.follow = options.value;
		else if (options_is(&options, "no-names"))
			launch.no_names = 1;
		else if (options_is(&options, "wait"))
			launch.wait = 1;
		else if (options_is(&options, "quiet"))
			launch.quiet = 1;
		else if (options_is(&options, "check"))
			check.wanted = 1;
		else if (options_is(&options, "suppress"))
			status = take_suppressions(&check, options.value);
		else if (options_is(&options, "error-exitcode"))
			status = take_exitcode(command, &check, options.value);
		if (status)
			return status;
	}
	if (options.stopped)
		return options.status;
	if (!launch.argv)
		return options_fail(command, "no program to run; for example: socklife run curl -s http://127.0.0.1:8000/");
	status = check_values(command, &launch);
	if (!status)
		status = check_path(launch.output ? launch.output : DATABASE_DEFAULT);
	if (!status)
		status = check_program(launch.argv[0]);
	if (status)
		return status;
	launch.wait |= check.wanted;
	look_at_program(&launch, &report, untraceable, sizeof untraceable);
	status = launcher_run(&launch, &signal);
	if (check.wanted && status != 125 && status != 126 && status != 127)
		return check_trace(&check, launch.output ? launch.output : DATABASE_DEFAULT, status, signal);
	if (signal)
		launcher_die(signal);
	return status;
}

static const struct command_option run_options[] = {
	{"output", 'o', "FILE", "write the trace to FILE (default: socklife.db); an earlier trace becomes FILE.old, anything else is left alone"},
	{"detail", 0, "LEVEL", "calls (default): a row for every call; sockets: lifecycles and totals only, constant space per socket"},
	{"payload", 0, "N", "keep the first N bytes of each data call, in the table payload (default: 0, none)"},
	{"no-names", 0, NULL, "do not record the host names that the program looks up"},
	{"intercept", 0, "HOW", "auto (default) or symbols: only exported functions, not libc's own system calls"},
	{"follow", 0, "0|1", "0: do not put the shim back into the environment of children that lost it"},
	{"spool-max", 0, "SIZE", "bound the disk space of a spool (default: 1G); what does not fit is counted as a gap"},
	{"wait", 0, NULL, "wait for processes that the program leaves behind"},
	{"check", 0, NULL, "check the trace at the end (socklife help check), on standard error; waits as --wait does"},
	{"error-exitcode", 0, "N", "check, and exit with N when something is found (default: 1)"},
	{"suppress", 0, "FILE", "check, and leave out the findings that FILE lists; may be given several times"},
	{"quiet", 'q', NULL, "no summary at the end"},
	{NULL, 0, NULL, NULL},
};

static const struct command_term run_statuses[] = {
	{"the program's", "as it exited; when a signal killed it, socklife dies of the same signal"},
	{"--error-exitcode", "of a check, when something is found; 2 when calls are known to be missing and the program's status was 0"},
	{"2", "wrong usage"},
	{"125", "socklife could not start recording, as into a database whose path has more than 504 bytes with its directories; the program was not started"},
	{"126, 127", "the program cannot be run, or was not found"},
	{NULL, NULL},
};

static const struct command_term run_examples[] = {
	{"socklife run curl -s http://127.0.0.1:8000/", "records into socklife.db"},
	{"socklife run --check --error-exitcode=9 ./tests", "a gate for CI: 9 when a socket leaked, a connection was reset …"},
	{"socklife run -o trace.db -- ./server --port 8080", "`--` is optional: options of socklife end at the program's name"},
	{NULL, NULL},
};

const struct command command_run = {
	.name = "run",
	.group = COMMAND_RECORD,
	.summary = "run a program and record its sockets",
	.usage = "[options] [--] PROGRAM [ARG…]",
	.options = run_options,
	.statuses = run_statuses,
	.examples = run_examples,
	.manual = "Runs PROGRAM and all its children with the recording shim preloaded, and stores every step of every socket in a SQLite "
		"database. The program behaves as without it: signals are passed on, its exit status is returned.\n\n"
		"Without `run`: LD_PRELOAD=/usr/local/lib/libsocklife.so SOCKLIFE_DB=trace.db PROGRAM does the same; a collector then works in the background. "
		"What are options here are variables there: SOCKLIFE_DETAIL, SOCKLIFE_PAYLOAD, SOCKLIFE_INTERCEPT, SOCKLIFE_FOLLOW, SOCKLIFE_SPOOL_MAX, each with the option's values, and SOCKLIFE_NAMES=0. "
		"SOCKLIFE_COLLECTOR=none starts no collector: the next command that looks at the trace takes in what was recorded.",
	.run = run,
};
