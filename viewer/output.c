/* output.c: how wide, in which form and colour to print, through a pager or not; see output.h. */
#include "viewer/output.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

const struct command_option output_option_table[] = {
	{"json", 0, NULL, "one JSON array of objects"},
	{"ndjson", 0, NULL, "one JSON object a line"},
	{"csv", 0, NULL, "comma-separated values with a line of column names, quoted as in RFC 4180"},
	{"color", 0, "WHEN", "auto (default: on a terminal), always or never; NO_COLOR and TERM=dumb are honoured"},
	{"ascii", 0, NULL, "draw with ASCII only (the default when the locale is not UTF-8)"},
	{"width", 0, "N", "columns of a line (default: COLUMNS, the terminal's width, or 100)"},
	{"no-pager", 0, NULL, "do not start a pager on a terminal (SOCKLIFE_PAGER, else PAGER, else less; none where TERM is dumb)"},
	{NULL, 0, NULL, NULL},
};

static const struct {
	const char *name;
	enum output_format format;
} formats[] = {
	{"json", OUTPUT_JSON},
	{"ndjson", OUTPUT_NDJSON},
	{"csv", OUTPUT_CSV},
};

static const char *const whens[] = {[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

#define WIDTH_UNKNOWN 100
#define WIDTH_LEAST 40
#define WIDTH_MOST 1000
#define FIRST_SCREEN_LINES 60 /* flushed early, so that a slow rest does not delay the first screen */

int output_measure_width(void)
{
	const char *text = getenv("COLUMNS");
	struct winsize size;
	long columns = text ? strtol(text, NULL, 10) : 0;

	if (columns <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	if (columns <= 0)
		return WIDTH_UNKNOWN;
	return columns < WIDTH_LEAST ? WIDTH_LEAST : columns > WIDTH_MOST ? WIDTH_MOST : (int)columns;
}

static void stop(struct options *options, int status)
{
	options->stopped = 1;
	options->status = status;
}

static void take_when(struct output *output, struct options *options)
{
	for (size_t i = 0; i < sizeof whens / sizeof whens[0]; i++) {
		if (!strcmp(options->value, whens[i])) {
			output->when = i;
			return;
		}
	}
	stop(options, options_fail(options->command, "--color=%s: it is --color=auto, always or never", options->value));
}

static void take_width(struct output *output, struct options *options)
{
	char *end;
	long columns = strtol(options->value, &end, 10);

	if (*end || columns < WIDTH_LEAST || columns > WIDTH_MOST)
		stop(options, options_fail(options->command, "--width=%s: a number from %d to %d", options->value, WIDTH_LEAST, WIDTH_MOST));
	else
		output->width = (int)columns;
}

int output_take_option(struct output *output, struct options *options)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (options_is(options, formats[i].name)) {
			output->format = formats[i].format;
			return 1;
		}
	}
	if (options_is(options, "color"))
		take_when(output, options);
	else if (options_is(options, "ascii"))
		output->ascii = 1;
	else if (options_is(options, "width"))
		take_width(output, options);
	else if (options_is(options, "no-pager"))
		output->no_pager = 1;
	else
		return 0;
	return 1;
}

static int is_dumb(void)
{
	const char *term = getenv("TERM");

	return !term || !*term || !strcmp(term, "dumb");
}

static int wants_color(const struct output *output)
{
	const char *no_color = getenv("NO_COLOR");

	if (output->when != COLOR_AUTO)
		return output->when == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && !is_dumb();
}

static const char *pager_command(void)
{
	const char *command = getenv("SOCKLIFE_PAGER");

	if (!command)
		command = getenv("PAGER");
	if (!command || !*command)
		command = access("/usr/bin/less", X_OK) == 0 ? "less" : "";
	return command;
}

/* less by default; -R keeps colour, -F leaves when all fits, -X leaves it on the screen. */
static void start_pager(struct output *output)
{
	const char *command = pager_command();
	int ends[2];

	if (!*command || !strcmp(command, "cat") || pipe(ends) < 0)
		return;
	fflush(stdout);
	output->pager = fork();
	if (output->pager == 0) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		close(ends[1]);
		setenv("LESS", "FRX", 0);
		setenv("LESSCHARSET", "utf-8", 0);
		signal(SIGPIPE, SIG_DFL);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(ends[0]);
	if (output->pager < 0) {
		close(ends[1]);
		output->pager = 0;
		return;
	}
	signal(SIGINT, SIG_IGN); /* ^C belongs to the pager */
	output->file = fdopen(ends[1], "w");
}

void output_open(struct output *output)
{
	output->file = stdout;
	output->terminal = isatty(STDOUT_FILENO);
	if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8"))
		output->ascii = 1;
	output->color = output->format == OUTPUT_TEXT && wants_color(output);
	output->follows_terminal = !output->width && output->terminal;
	if (!output->width)
		output->width = output_measure_width();
	signal(SIGPIPE, SIG_IGN); /* a reader that goes away is seen by the write's error, and is no error */
	if (output->format == OUTPUT_TEXT && !output->no_pager && !output->live && output->terminal && isatty(STDIN_FILENO) && !is_dumb())
		start_pager(output);
}

void output_look_at_width(struct output *output)
{
	if (output->follows_terminal)
		output->width = output_measure_width();
}

static void note_failure(struct output *output)
{
	if (output->broken)
		return;
	output->broken = 1;
	output->error = errno == EPIPE ? 0 : errno;
}

/* sh(1): 126 and 127 are its own words for what cannot be run, and then nobody has read what we said. */
static int end_pager(struct output *output)
{
	int status = 0;

	fclose(output->file);
	while (waitpid(output->pager, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != 126 && WEXITSTATUS(status) != 127))
		return COMMAND_OK;
	fprintf(stderr, "socklife: the pager '%s' cannot be run: set PAGER to another, or use --no-pager\n", pager_command());
	return COMMAND_ERROR;
}

int output_close(struct output *output)
{
	errno = 0;
	if (!output->broken && fflush(output->file) != 0)
		note_failure(output);
	if (output->pager)
		return end_pager(output);
	if (output->error) {
		fprintf(stderr, "socklife: cannot write the output: %s\n", strerror(output->error));
		return COMMAND_ERROR;
	}
	return COMMAND_OK;
}

struct text output_text(const struct output *output)
{
	return (struct text){.color = output->color, .ascii = output->ascii};
}

void output_long_line(struct output *output, struct text *text)
{
	while (text->length && text->bytes[text->length - 1] == ' ')
		text->length--;
	if (output->broken) {
		text_clear(text);
		return;
	}
	errno = 0;
	if ((text->length && fwrite(text->bytes, 1, text->length, output->file) != text->length) || putc('\n', output->file) == EOF)
		note_failure(output);
	output->lines++;
	if ((output->live || output->lines == FIRST_SCREEN_LINES) && fflush(output->file) != 0)
		note_failure(output);
	text_clear(text);
}

void output_line(struct output *output, struct text *text)
{
	text_cut(text, output->width);
	output_long_line(output, text);
}

void output_wrapped(struct output *output, struct text *line, const char *words, int indent)
{
	int apart = line->columns > indent; /* a space is due before the next word */

	while (*words) {
		size_t length = strcspn(words, " ");
		struct text word = output_text(output);

		text_add_quoted(&word, words, length);
		if (apart && line->columns + 1 + word.columns > output->width) {
			output_long_line(output, line);
			text_pad_to(line, indent);
			apart = 0;
		}
		text_add(line, apart ? " " : "");
		text_add_quoted(line, words, length);
		apart = 1;
		text_free(&word);
		words += length + strspn(words + length, " ");
	}
	output_long_line(output, line);
}

void output_blank(struct output *output)
{
	struct text text = output_text(output);

	output_line(output, &text);
}
