/* text.c: lines of exact width from untrusted text; see text.h. No allocation failure is survived: memory is a line's worth. */
#include "viewer/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const style_codes[STYLES] = {
	[STYLE_NONE] = "\033[0m",
	[STYLE_BOLD] = "\033[1m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_ERROR] = "\033[1;31m",
	[STYLE_WARNING] = "\033[33m",
	[STYLE_WAIT] = "\033[33m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_NAME] = "\033[36m",
};

/* Drawing characters of ours and what stands for them in ASCII. */
static const struct {
	const char *drawn, *plain;
} plain_forms[] = {
	{"─", "-"}, {"│", "|"}, {"├", "|"}, {"┤", "|"}, {"╞", "|"}, {"╡", "|"}, {"═", "="}, {"▒", "#"}, {"░", ":"},
	{"›", ">"}, {"╳", "X"}, {"▏", "|"}, {"┬", "+"}, {"└", "`"}, {"╮", "."}, {"╯", "'"}, {"╰", "`"}, {"╭", "."},
	{"▶", ">"}, {"◀", "<"}, {"→", "->"}, {"←", "<-"}, {"⊂", "<"}, {"⊕", "+"}, {"⊖", "-"}, {"✗", "!"}, {"▲", "^"},
	{"×", "x"}, {"–", "-"}, {"µ", "u"}, {"…", "~"}, {"·", "|"}, {"↑", "tx "}, {"↓", "rx "}, {"⇄", "<>"}, {"┄", "."},
	{"┼", "+"}, {"┌", "."}, {"╌", "-"}, {"✓", "+"}, {"┊", ":"}, {"≈", "~"}, {"ℹ", "i"}, {"┴", "+"}, {"█", "#"},
};

/* Two columns wide in a terminal: East Asian wide and full-width, emoji. */
static const struct {
	uint32_t first, last;
} wide_ranges[] = {
	{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0x33ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xa000, 0xa4cf}, {0xac00, 0xd7a3},
	{0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
}, zero_ranges[] = {
	{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f}, {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},
	{0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
}, hidden_ranges[] = { /* would move the cursor, hide, or reorder what follows */
	{0x0000, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad}, {0x061c, 0x061c}, {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
	{0xd800, 0xf8ff}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xe0000, 0x10ffff},
};

#define IN_RANGES(code, ranges) in_ranges(code, &(ranges)[0].first, sizeof(ranges) / sizeof((ranges)[0]))

static int in_ranges(uint32_t code, const uint32_t *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code >= pairs[2 * i] && code <= pairs[2 * i + 1])
			return 1;
	return 0;
}

static int columns_of(uint32_t code)
{
	return code < 0x300 ? 1 : IN_RANGES(code, zero_ranges) ? 0 : IN_RANGES(code, wide_ranges) ? 2 : 1;
}

int text_is_hidden(uint32_t code)
{
	return IN_RANGES(code, hidden_ranges);
}

int text_decode(const char *bytes, size_t length, uint32_t *code)
{
	const unsigned char *byte = (const unsigned char *)bytes;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	int size = byte[0] < 0x80 ? 1 : byte[0] >= 0xf0 && byte[0] < 0xf5 ? 4 : byte[0] >= 0xe0 ? 3 : byte[0] >= 0xc2 ? 2 : 0;

	if (!size || byte[0] >= 0xf5 || (size_t)size > length)
		return 0;
	*code = size == 1 ? byte[0] : byte[0] & (0x7f >> size);
	for (int i = 1; i < size; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (byte[i] & 0x3f);
	}
	if (*code < least[size] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return size;
}

int text_measure(const char *string)
{
	size_t length = strlen(string);
	int columns = 0;

	while (length) {
		uint32_t code = 0;
		int size = text_decode(string, length, &code);

		columns += size ? columns_of(code) : 1;
		string += size ? size : 1;
		length -= (size_t)(size ? size : 1);
	}
	return columns;
}

void text_clear(struct text *text)
{
	text->length = 0;
	text->columns = 0;
	if (text->bytes)
		text->bytes[0] = 0;
}

void text_free(struct text *text)
{
	free(text->bytes);
	text->bytes = NULL;
	text->length = text->room = 0;
	text->columns = 0;
}

static void append(struct text *text, const char *bytes, size_t length)
{
	if (text->length + length + 1 > text->room) {
		size_t room = (text->length + length + 1) * 2 + 64;
		char *grown = realloc(text->bytes, room);

		if (!grown) {
			fputs("socklife: out of memory\n", stderr);
			exit(2);
		}
		text->bytes = grown;
		text->room = room;
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = 0;
}

static void append_plain(struct text *text, const char *bytes, int size)
{
	for (size_t i = 0; i < sizeof plain_forms / sizeof plain_forms[0]; i++) {
		if (strlen(plain_forms[i].drawn) == (size_t)size && !memcmp(plain_forms[i].drawn, bytes, (size_t)size)) {
			append(text, plain_forms[i].plain, strlen(plain_forms[i].plain));
			text->columns += (int)strlen(plain_forms[i].plain);
			return;
		}
	}
	append(text, "?", 1);
	text->columns++;
}

void text_add(struct text *text, const char *string)
{
	size_t length = strlen(string);

	while (length) {
		uint32_t code = 0;
		int size = text_decode(string, length, &code);

		if (size <= 1) {
			append(text, string, 1);
			text->columns++;
			size = 1;
		} else if (text->ascii) {
			append_plain(text, string, size);
		} else {
			append(text, string, (size_t)size);
			text->columns += columns_of(code);
		}
		string += size;
		length -= (size_t)size;
	}
}

void text_format(struct text *text, const char *format, ...)
{
	char buffer[512];
	va_list list;

	va_start(list, format);
	vsnprintf(buffer, sizeof buffer, format, list);
	va_end(list);
	text_add(text, buffer);
}

/* `\x0a`: so the collector writes what is not to be printed in an address, and a backslash itself as `\x5c`. */
static int is_escape(const char *bytes, size_t length)
{
	return length >= 4 && bytes[1] == 'x' && isxdigit((unsigned char)bytes[2]) && isxdigit((unsigned char)bytes[3]);
}

void text_add_quoted(struct text *text, const char *bytes, size_t length)
{
	char escape[16];

	while (length) {
		uint32_t code = 0;
		int size = text_decode(bytes, length, &code);

		if (!size)
			snprintf(escape, sizeof escape, "\\x%02x", (unsigned char)*bytes);
		else if (code == '\n' || code == '\t' || code == '\r')
			snprintf(escape, sizeof escape, "\\%c", code == '\n' ? 'n' : code == '\t' ? 't' : 'r');
		else if (code == '\\' && !is_escape(bytes, length))
			snprintf(escape, sizeof escape, "\\\\");
		else if (code < 0x80 && IN_RANGES(code, hidden_ranges))
			snprintf(escape, sizeof escape, "\\x%02x", code);
		else if (IN_RANGES(code, hidden_ranges) || (text->ascii && code >= 0x80))
			snprintf(escape, sizeof escape, "\\u{%x}", code);
		else
			escape[0] = 0;
		if (escape[0]) {
			append(text, escape, strlen(escape));
			text->columns += (int)strlen(escape);
		} else {
			append(text, bytes, (size_t)size);
			text->columns += columns_of(code);
		}
		bytes += size ? size : 1;
		length -= (size_t)(size ? size : 1);
	}
}

/* Bytes of `cell` that make at most `width` columns (sequences of colour count none); the columns go to *columns. */
static size_t prefix(const struct text *cell, int width, int *columns)
{
	size_t at = 0;

	*columns = 0;
	while (at < cell->length) {
		uint32_t code = 0;
		int size, more;

		if (cell->bytes[at] == '\033') {
			at += strcspn(cell->bytes + at, "m") + 1;
			continue;
		}
		size = text_decode(cell->bytes + at, cell->length - at, &code);
		more = size ? columns_of(code) : 1;
		if (*columns + more > width)
			break;
		*columns += more;
		at += (size_t)(size ? size : 1);
	}
	return at;
}

void text_cut(struct text *text, int width)
{
	int columns;

	if (text->columns <= width)
		return;
	if (width <= 0) {
		text_clear(text);
		return;
	}
	text->length = prefix(text, width - 1, &columns);
	text->bytes[text->length] = 0;
	text->columns = columns;
	text_add(text, "…");
	text_style(text, STYLE_NONE);
	while (text->columns < width)
		text_add(text, " ");
}

void text_add_cell(struct text *text, const struct text *cell, int width, enum text_align align)
{
	int start = text->columns;

	if (width <= 0)
		return;
	if (cell->columns > width) {
		int columns;
		size_t length = prefix(cell, width - 1, &columns);

		append(text, cell->bytes, length);
		text->columns += columns;
		text_add(text, "…");
		if (text->color)
			text_style(text, STYLE_NONE);
		text_pad_to(text, start + width);
		return;
	}
	if (align == ALIGN_RIGHT)
		text_pad_to(text, start + width - cell->columns);
	if (cell->length)
		append(text, cell->bytes, cell->length);
	text->columns += cell->columns;
	text_pad_to(text, start + width);
}

void text_add_fitted(struct text *text, const char *string, int width, enum text_align align)
{
	struct text cell = {.color = text->color, .ascii = text->ascii};

	text_add(&cell, string);
	text_add_cell(text, &cell, width, align);
	text_free(&cell);
}

void text_pad_to(struct text *text, int column)
{
	while (text->columns < column) {
		append(text, " ", 1);
		text->columns++;
	}
}

void text_repeat(struct text *text, const char *string, int times)
{
	while (times-- > 0)
		text_add(text, string);
}

void text_style(struct text *text, enum text_style style)
{
	if (text->color)
		append(text, style_codes[style], strlen(style_codes[style]));
}

/* Three significant digits: 1.23, 12.3, 123. */
static void add_scaled(struct text *text, double value, const char *unit)
{
	text_format(text, "%.*f%s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, unit);
}

void text_add_bytes(struct text *text, int64_t bytes)
{
	static const char *const units[] = {"K", "M", "G", "T", "P", "E"};
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes < 0) {
		text_add(text, "–");
		return;
	}
	if (bytes < 1000) {
		text_format(text, "%dB", (int)bytes);
		return;
	}
	value /= 1024;
	while (value >= 999.5 && unit < 5) {
		value /= 1024;
		unit++;
	}
	add_scaled(text, value, units[unit]);
}

void text_add_count(struct text *text, int64_t count)
{
	static const char *const units[] = {"k", "M", "G", "T", "P", "E"};
	double value = (double)count;
	size_t unit = 0;

	if (count < 0) {
		text_add(text, "–");
		return;
	}
	if (count < 100000) {
		text_format(text, "%d", (int)count);
		return;
	}
	value /= 1000;
	while (value >= 999.5 && unit < 5) {
		value /= 1000;
		unit++;
	}
	add_scaled(text, value, units[unit]);
}

void text_add_duration(struct text *text, int64_t ns)
{
	if (ns < 0)
		text_add(text, "–");
	else if (ns < 1000)
		text_format(text, "%dns", (int)ns);
	else if (ns < 999500)
		add_scaled(text, (double)ns / 1e3, "µs");
	else if (ns < 999500000)
		add_scaled(text, (double)ns / 1e6, "ms");
	else if (ns < INT64_C(60000000000))
		add_scaled(text, (double)ns / 1e9, "s");
	else if (ns < INT64_C(3600000000000))
		text_format(text, "%dm%02ds", (int)(ns / INT64_C(60000000000)), (int)(ns / 1000000000 % 60));
	else if (ns < INT64_C(360000000000000))
		text_format(text, "%dh%02dm", (int)(ns / INT64_C(3600000000000)), (int)(ns / INT64_C(60000000000) % 60));
	else
		text_format(text, "%dd", (int)(ns / INT64_C(86400000000000)));
}
