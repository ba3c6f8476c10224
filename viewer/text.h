/*
 * text.h: one line of terminal output under construction. It knows how many columns it takes, escapes whatever a trace
 * may hold (control characters, invalid UTF-8, direction marks), and leaves colour out when there is none.
 *
 * Invariant: every function that takes a width adds exactly that many columns; what does not fit ends in `…` (`~` in
 * ASCII). Text from a trace goes through text_add_quoted or text_add_cell only.
 */
#ifndef VIEWER_TEXT_H
#define VIEWER_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum text_style {
	STYLE_NONE,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_ERROR,
	STYLE_WARNING,
	STYLE_WAIT,
	STYLE_GOOD,
	STYLE_NAME,
	STYLES
};

enum text_align { ALIGN_LEFT, ALIGN_RIGHT };

struct text {
	char *bytes;      /* NUL-terminated once something was added */
	size_t length, room;
	int columns;
	int color, ascii; /* 1: SGR sequences; 1: nothing beyond ASCII */
};

void text_clear(struct text *text);
void text_free(struct text *text);

/* Trusted text of our own, and formatted: UTF-8 drawing characters are replaced in ASCII mode. */
void text_add(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text from the trace: any bytes, escaped; what the collector has escaped stays as it is. */
void text_add_quoted(struct text *text, const char *bytes, size_t length);

/* Exactly `width` columns of a text built before (`cell`, in the same colour mode). */
void text_add_cell(struct text *text, const struct text *cell, int width, enum text_align align);
void text_add_fitted(struct text *text, const char *string, int width, enum text_align align);

/* Cuts the text down to `width` columns. */
void text_cut(struct text *text, int width);
void text_pad_to(struct text *text, int column);
void text_repeat(struct text *text, const char *string, int times);

void text_style(struct text *text, enum text_style style);

/* Units, at most six columns each: 64.1K, 1.80s, 12.3ms; negative: unknown, shown as –. */
void text_add_bytes(struct text *text, int64_t bytes);
void text_add_duration(struct text *text, int64_t ns);
void text_add_count(struct text *text, int64_t count);

/* Decodes one character of UTF-8; returns its length and code point, or 0 for an invalid byte. */
int text_decode(const char *bytes, size_t length, uint32_t *code);

/* Whether a character would move the cursor, hide, or reorder what follows: control characters, direction marks. */
int text_is_hidden(uint32_t code);

/* Columns that a valid UTF-8 string takes. */
int text_measure(const char *string);

#endif
