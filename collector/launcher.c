/*
 * launcher.c: see launcher.h. The launcher is the parent of the program and its collector at once: one loop that reads the spools and
 * takes signals in between. Signals are taken with sigtimedwait, so that no handler and no changed disposition reaches the program.
 */
#include "collector/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "collector/clock.h"
#include "collector/collector.h"
#include "collector/store.h"
#include "schema/environment.h"
#include "schema/spool.h"

#ifndef PREFIX
#define PREFIX "/usr/local"
#endif

struct launch {
	char database[PATH_MAX];   /* absolute */
	char library[PATH_MAX];
	char program[PATH_MAX];    /* this executable */
	struct collector *collector;
	const struct launcher_options *options;
	int put_away;              /* an earlier trace has got the name FILE.old */
	sigset_t taken, mask;      /* the signals we take, and the mask we were started with */
	char message[512];         /* what went wrong; empty: nothing, or the error says it */
	int start_error;           /* of the program */
	pid_t child;               /* 0: not started */
	int status;                /* of waitpid; valid once `ended` */
	int ended;
};

static const int taken_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGALRM, SIGCONT, SIGCHLD};

static int find_library(struct launch *launch)
{
	static const char *const places[] = {"libsocklife.so", "../lib/libsocklife.so", "../lib/socklife/libsocklife.so"};
	ssize_t n = readlink("/proc/self/exe", launch->program, sizeof launch->program - 1);
	char *slash;

	if (n < 0)
		return -errno;
	launch->program[n] = 0;
	slash = strrchr(launch->program, '/');
	for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
		char path[2 * PATH_MAX];

		snprintf(path, sizeof path, "%.*s/%s", (int)(slash - launch->program), launch->program, places[i]);
		if (realpath(path, launch->library))
			return 0;
	}
	return realpath(PREFIX "/lib/libsocklife.so", launch->library) ? 0 : -ENOENT;
}

static int make_absolute(const char *path, char *to, size_t room)
{
	char directory[PATH_MAX];
	int n;

	if (*path == '/')
		n = snprintf(to, room, "%s", path);
	else if (getcwd(directory, sizeof directory))
		n = snprintf(to, room, "%s/%s", directory, path);
	else
		return -errno;
	return n < 0 || (size_t)n >= room ? -ENAMETOOLONG : 0;
}

/* Only a trace gives way to a new one. */
static int may_replace(struct launch *launch, const char *path, const char *what_else)
{
	int answer = store_is_trace(path);

	if (answer == 1 || answer == -ENOENT)
		return 0;
	if (answer == 0)
		snprintf(launch->message, sizeof launch->message, "%.300s is no trace of ours, and stays as it is: %s", path, what_else);
	else
		snprintf(launch->message, sizeof launch->message, "%.300s: %s", path, strerror(-answer));
	return answer ? answer : -EEXIST;
}

static int look_at_old(struct launch *launch)
{
	char old[PATH_MAX + 8];
	int error = may_replace(launch, launch->database, "name another file with -o");

	if (error || access(launch->database, F_OK) != 0)
		return error;
	snprintf(old, sizeof old, "%s.old", launch->database);
	error = may_replace(launch, old, "the earlier trace would get its name; move it, or name another file with -o");
	/* What the spools of an earlier run still hold is stored first. */
	return error ? error : collector_ingest(launch->database, launch->message);
}

static const char *const companions[] = {"", "-wal", "-journal"};

/* A trace of an earlier run is kept as FILE.old. Only with the lock held: it may be that of a run that is going on. */
static int put_old_away(void *context)
{
	struct launch *launch = context;
	char from[PATH_MAX + 16], to[PATH_MAX + 16];

	if (access(launch->database, F_OK) != 0)
		return 0;
	launch->put_away = 1;
	for (size_t i = 0; i < sizeof companions / sizeof *companions; i++) {
		snprintf(from, sizeof from, "%s%s", launch->database, companions[i]);
		snprintf(to, sizeof to, "%s.old%s", launch->database, companions[i]);
		if (rename(from, to) == 0)
			continue;
		if (errno != ENOENT) {
			int error = -errno;

			snprintf(launch->message, sizeof launch->message, "cannot rename %.200s to %.200s: %s", from, to, strerror(-error));
			return error;
		}
		unlink(to); /* of the one before */
	}
	for (int old = 0; old < 2; old++) {
		snprintf(from, sizeof from, "%s%s-shm", launch->database, old ? ".old" : "");
		unlink(from);
	}
	return 0;
}

/* The program did not start: the earlier trace is the latest again. */
static void put_back(const struct launch *launch)
{
	char from[PATH_MAX + 16], to[PATH_MAX + 16];

	for (size_t i = 0; launch->put_away && i < sizeof companions / sizeof *companions; i++) {
		snprintf(from, sizeof from, "%s.old%s", launch->database, companions[i]);
		snprintf(to, sizeof to, "%s%s", launch->database, companions[i]);
		rename(from, to);
	}
}

static void set_or_clear(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void set_environment(const struct launch *launch, const struct launcher_options *options)
{
	const char *preload = getenv("LD_PRELOAD");
	const char *runtime = options->runtime;
	char joined[3 * PATH_MAX];

	snprintf(joined, sizeof joined, "%s%s%s%s%s", runtime ? runtime : "", runtime ? ":" : "", launch->library, preload && *preload ? ":" : "",
		preload ? preload : "");
	setenv("LD_PRELOAD", joined, 1);
	setenv(ENVIRONMENT_DB, launch->database, 1);
	setenv(ENVIRONMENT_COLLECTOR, launch->program, 1);
	set_or_clear(ENVIRONMENT_PAYLOAD, options->payload);
	set_or_clear(ENVIRONMENT_DETAIL, options->detail);
	set_or_clear(ENVIRONMENT_INTERCEPT, options->intercept);
	set_or_clear(ENVIRONMENT_SPOOL_MAX, options->spool_max);
	set_or_clear(ENVIRONMENT_FOLLOW, options->follow);
	set_or_clear(ENVIRONMENT_RUNTIME, runtime);
	set_or_clear(ENVIRONMENT_NAMES, options->no_names ? "0" : NULL);
}

/* Forks and execs; a failed exec comes back through a pipe that a successful one closes. Returns 0 or -errno. */
static int start_program(struct launch *launch, const struct launcher_options *options, const sigset_t *mask)
{
	int report[2], error = 0;

	if (pipe2(report, O_CLOEXEC) != 0)
		return -errno;
	launch->child = fork();
	if (launch->child < 0) {
		error = -errno;
		close(report[0]);
		close(report[1]);
		return error;
	}
	if (launch->child == 0) {
		set_environment(launch, options);
		sigprocmask(SIG_SETMASK, mask, NULL);
		execvp(options->argv[0], options->argv);
		error = errno;
		if (write(report[1], &error, sizeof error) < 0)
			_exit(LAUNCHER_FAILED);
		_exit(LAUNCHER_NOT_FOUND);
	}
	close(report[1]);
	if (read(report[0], &error, sizeof error) != sizeof error)
		error = 0;
	close(report[0]);
	if (error)
		waitpid(launch->child, NULL, 0);
	return -error;
}

static void reap(struct launch *launch)
{
	int status;

	while (!launch->ended && waitpid(launch->child, &status, WNOHANG | WUNTRACED) == launch->child) {
		if (WIFSTOPPED(status)) {
			/* The shell waits for us, not for the program: stop with it. Not for a SIGSTOP: who sent that knows the program, and will continue it. */
			if (WSTOPSIG(status) != SIGSTOP) {
				raise(SIGSTOP);
				kill(launch->child, SIGCONT);
			}
			continue;
		}
		launch->status = status;
		launch->ended = 1;
		if (launch->collector)
			collector_process_ended(launch->collector, launch->child, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
				WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	}
}

static void take_signal(struct launch *launch, const siginfo_t *info)
{
	if (info->si_signo == SIGCHLD)
		return;
	/* What the terminal sends, it sends to the program as well: only what a process sent to us alone is passed on. */
	if (info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code == SI_TKILL)
		if (!launch->ended)
			kill(launch->child, info->si_signo);
}

#define LOOK_MS 500 /* longer than a viewer keeps the lock */

/* Who looks at the trace as its directory is made has the lock for a moment: only one that keeps it is another recording. */
static int open_collector(struct launch *launch, const struct collector_options *collecting)
{
	int error = collector_open(&launch->collector, collecting, launch->message);

	for (int waited_ms = 0; waited_ms < LOOK_MS && error == -EAGAIN && !launch->start_error && !launch->child; waited_ms += 10) {
		usleep(10000);
		error = collector_open(&launch->collector, collecting, launch->message);
	}
	return error;
}

/* Reads the spools and takes signals until the program has ended and, if asked to, all that it left behind. */
static int collect_while_running(struct launch *launch, const sigset_t *taken, int wait_for_all)
{
	long pause_ms, idle_rounds = 0;

	for (;;) {
		struct timespec pause;
		siginfo_t info;
		long done = collector_step(launch->collector);

		if (done < 0)
			return (int)done;
		reap(launch);
		if (launch->ended && (!wait_for_all || collector_live_count(launch->collector) == 0))
			return 0;
		/* Short while things happen: a program that lives for ten milliseconds is to be seen alive. */
		idle_rounds = done ? 0 : idle_rounds + 1;
		pause_ms = idle_rounds < 1000 ? 3 : 20;
		pause = (struct timespec){0, pause_ms * 1000000};
		if (done < 10000 && sigtimedwait(taken, &info, &pause) > 0)
			take_signal(launch, &info);
	}
}

/* Nothing is recorded (any more); the program goes on, and its signals reach it. */
static void wait_for_program(struct launch *launch)
{
	siginfo_t info;

	for (reap(launch); !launch->ended; reap(launch))
		if (sigwaitinfo(&launch->taken, &info) > 0)
			take_signal(launch, &info);
}

#define IDLE_ROUNDS 50
#define CATCH_UP_NS INT64_C(10000000000)
#define BEHIND_NS INT64_C(60000000000) /* what waits in the spools (collector.c: patience_bytes) is read in less on a slow machine */

/*
 * A process that exec'd or exited this very moment may still look alive, and so does one whose records have not all been read yet: catch up first. Bounded,
 * for a daemon left behind may never stop recording: by rounds in which nothing came, and by a deadline, which moves as long as more waits than a round takes.
 */
static void catch_up(struct launch *launch)
{
	const int64_t last_ns = clock_monotonic_ns() + BEHIND_NS;
	int64_t now_ns = clock_monotonic_ns(), deadline_ns = now_ns + CATCH_UP_NS;
	int idle_rounds = 0;
	ssize_t done;

	while (idle_rounds < IDLE_ROUNDS && now_ns < deadline_ns && collector_live_count(launch->collector) > 0) {
		collector_hurry(launch->collector);
		done = collector_step(launch->collector);
		if (done < 0)
			return;
		if (done == 0) {
			usleep(2000);
			idle_rounds++;
		}
		now_ns = clock_monotonic_ns();
		if (collector_is_behind(launch->collector))
			deadline_ns = now_ns + CATCH_UP_NS < last_ns ? now_ns + CATCH_UP_NS : last_ns;
	}
}

static int finish(struct launch *launch, const struct launcher_options *options)
{
	size_t left;
	int error;

	catch_up(launch);
	left = collector_live_count(launch->collector);
	error = collector_close(launch->collector, left == 0);
	/* A program may have begun between the last look and letting go of the lock: it found the lock held, and started no collector. */
	if (error || (left == 0 && !collector_is_wanted(launch->database)))
		return error;
	error = launcher_hand_over(launch->database);
	if (!options->quiet && left)
		fprintf(stderr, "socklife: %zu process%s of the program still run%s: recording goes on in the background (--wait waits for them)\n",
			left, left == 1 ? "" : "es", left == 1 ? "s" : "");
	return error;
}

/* The program starts as soon as the lock is held, so that it need not wait for the database to be made. */
static int start_when_ready(void *context)
{
	struct launch *launch = context;

	sigemptyset(&launch->taken);
	for (size_t i = 0; i < sizeof taken_signals / sizeof *taken_signals; i++)
		sigaddset(&launch->taken, taken_signals[i]);
	sigprocmask(SIG_BLOCK, &launch->taken, &launch->mask);
	launch->start_error = start_program(launch, launch->options, &launch->mask);
	/* Made a moment ago, to see whether it can be; later it may be another run's. */
	if (launch->start_error) {
		unlink(launch->database);
		put_back(launch);
	}
	/* Nobody may read what we say: the program goes on, and its status is to be known. */
	signal(SIGPIPE, SIG_IGN);
	return launch->start_error;
}

static int leave(struct launch *launch, int *signal)
{
	const struct timespec none = {0, 0};
	siginfo_t info;

	/* One that came too late for the program is not to end us instead: its status counts. */
	while (sigtimedwait(&launch->taken, &info, &none) > 0)
		;
	sigprocmask(SIG_SETMASK, &launch->mask, NULL);
	if (WIFSIGNALED(launch->status))
		*signal = WTERMSIG(launch->status);
	return WIFEXITED(launch->status) ? WEXITSTATUS(launch->status) : 128 + WTERMSIG(launch->status);
}

/* The database could not be made after all: the program goes on, its records wait in the spools. */
static int wait_unrecorded(struct launch *launch, const char *why, int *signal)
{
	fprintf(stderr, "socklife: %s; the program goes on, its records wait in %s%s\n", why, launch->database, SPOOL_SUFFIX);
	wait_for_program(launch);
	return leave(launch, signal);
}

int launcher_run(const struct launcher_options *options, int *signal)
{
	static struct launch launch;
	struct collector_options collecting = {.keep_data_calls = !options->detail || strcmp(options->detail, "sockets") != 0, .yields = 1};
	char command_line[4096];
	size_t at = 0;
	int error;

	*signal = 0;
	error = make_absolute(options->output ? options->output : "socklife.db", launch.database, sizeof launch.database);
	if (!error)
		error = find_library(&launch);
	if (error) {
		fprintf(stderr, "socklife: cannot find libsocklife.so beside the program or in %s/lib: build or install it first\n", PREFIX);
		return LAUNCHER_FAILED;
	}
	error = look_at_old(&launch);
	for (char **word = options->argv; *word && at < sizeof command_line; word++)
		at += (size_t)snprintf(command_line + at, sizeof command_line - at, "%s%s", word == options->argv ? "" : " ", *word);
	collecting.database = launch.database;
	collecting.command_line = command_line;
	collecting.locked = put_old_away;
	collecting.ready = start_when_ready;
	collecting.context = &launch;
	launch.options = options;
	if (!error)
		error = open_collector(&launch, &collecting);
	if (launch.start_error) {
		fprintf(stderr, "socklife: cannot run %s: %s\n", options->argv[0], strerror(-launch.start_error));
		return launch.start_error == -ENOENT ? LAUNCHER_NOT_FOUND : LAUNCHER_CANNOT_RUN;
	}
	if (error && !launch.child) {
		if (error == -EAGAIN)
			fprintf(stderr, "socklife: another recording into %s is going on: name another file with -o\n", launch.database);
		else
			fprintf(stderr, "socklife: %s%s\n", *launch.message ? launch.message : strerror(-error),
				error == -ENOENT || error == -EACCES || error == -EROFS || error == -ENOTDIR ? "; name a place that can be written with -o" : "");
		return LAUNCHER_FAILED;
	}
	if (!error && options->untraceable)
		collector_missing(launch.collector, "untraceable", options->untraceable);
	if (error)
		return wait_unrecorded(&launch, *launch.message ? launch.message : strerror(-error), signal);
	error = collect_while_running(&launch, &launch.taken, options->wait);
	if (!launch.ended) {
		/* Collecting failed (a full disk): the program goes on undisturbed, its records wait in the spools. */
		fprintf(stderr, "socklife: recording stopped: %s; the program goes on\n", strerror(-error));
		wait_for_program(&launch);
	}
	error = finish(&launch, options);
	if (error)
		fprintf(stderr, "socklife: %s is not finished: %s; `socklife ls %s` tries again\n", launch.database, strerror(-error),
			options->output ? options->output : "");
	else if (access(launch.database, F_OK) != 0)
		fprintf(stderr, "socklife: %s was removed while it was written: the trace is lost\n", launch.database);
	else if (!options->quiet)
		launcher_summarize(launch.database);
	return leave(&launch, signal);
}

void launcher_die(int signal)
{
	struct rlimit none = {0, 0};
	sigset_t one;

	setrlimit(RLIMIT_CORE, &none);
	(void)!sigemptyset(&one);
	sigaddset(&one, signal);
	struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigaction(signal, &by_default, NULL);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	raise(signal);
	_exit(128 + signal);
}

int launcher_hand_over(const char *database)
{
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
	int status;
	pid_t pid;

	if (n < 0)
		return -errno;
	program[n] = 0;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		execl(program, "socklife", "collect", "--detach", database, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}
