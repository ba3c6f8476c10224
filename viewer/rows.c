/* rows.c: JSON, NDJSON and CSV from a statement's rows, one at a time; see rows.h. */
#include "viewer/rows.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "viewer/text.h"

static const char hex[] = "0123456789abcdef";

void rows_write_json_string(FILE *file, const char *bytes, size_t length)
{
	putc('"', file);
	while (length) {
		uint32_t code = 0;
		int size = text_decode(bytes, length, &code);

		if (!size)
			fputs("\\ufffd", file);
		else if (code == '"' || code == '\\')
			fprintf(file, "\\%c", (char)code);
		else if (code == '\n')
			fputs("\\n", file);
		else if (text_is_hidden(code) && code < 0x10000)
			fprintf(file, "\\u%04x", code);
		else
			fwrite(bytes, 1, (size_t)size, file);
		bytes += size ? size : 1;
		length -= (size_t)(size ? size : 1);
	}
	putc('"', file);
}

static void write_json_value(FILE *file, sqlite3_stmt *statement, int column)
{
	const unsigned char *blob;
	double real;

	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_INTEGER:
		fprintf(file, "%lld", (long long)sqlite3_column_int64(statement, column));
		break;
	case SQLITE_FLOAT:
		real = sqlite3_column_double(statement, column);
		if (isfinite(real))
			fprintf(file, "%.15g", real);
		else
			fputs("null", file);
		break;
	case SQLITE_TEXT:
		rows_write_json_string(file, (const char *)sqlite3_column_text(statement, column), (size_t)sqlite3_column_bytes(statement, column));
		break;
	case SQLITE_BLOB:
		blob = sqlite3_column_blob(statement, column);
		putc('"', file);
		for (int i = 0; i < sqlite3_column_bytes(statement, column); i++)
			fprintf(file, "%c%c", hex[blob[i] >> 4], hex[blob[i] & 15]);
		putc('"', file);
		break;
	default:
		fputs("null", file);
	}
}

static void write_json_row(FILE *file, sqlite3_stmt *statement)
{
	putc('{', file);
	for (int i = 0; i < sqlite3_column_count(statement); i++) {
		const char *name = sqlite3_column_name(statement, i);

		if (i)
			putc(',', file);
		rows_write_json_string(file, name, strlen(name));
		putc(':', file);
		write_json_value(file, statement, i);
	}
	putc('}', file);
}

void rows_write_csv_field(FILE *file, const char *bytes, size_t length, int safe)
{
	int quoted = 0;

	for (size_t i = 0; i < length; i++)
		quoted |= strchr("\",\r\n", bytes[i]) != NULL;
	if (length && (bytes[0] == ' ' || bytes[length - 1] == ' '))
		quoted = 1;
	if (quoted)
		putc('"', file);
	while (length) {
		uint32_t code = 0;
		int size = text_decode(bytes, length, &code);

		if (!size || (safe && text_is_hidden(code) && *bytes != '\n' && *bytes != '\t'))
			fputs("\xef\xbf\xbd", file);
		else if (*bytes == '"')
			fputs("\"\"", file);
		else
			fwrite(bytes, 1, (size_t)size, file);
		bytes += size ? size : 1;
		length -= (size_t)(size ? size : 1);
	}
	if (quoted)
		putc('"', file);
}

static void write_csv_value(FILE *file, sqlite3_stmt *statement, int column, int safe)
{
	int type = sqlite3_column_type(statement, column);
	const unsigned char *blob;

	if (type == SQLITE_BLOB) {
		blob = sqlite3_column_blob(statement, column);
		for (int i = 0; i < sqlite3_column_bytes(statement, column); i++)
			fprintf(file, "%c%c", hex[blob[i] >> 4], hex[blob[i] & 15]);
	} else if (type == SQLITE_FLOAT) {
		fprintf(file, "%.15g", sqlite3_column_double(statement, column));
	} else if (type != SQLITE_NULL) {
		const char *bytes = (const char *)sqlite3_column_text(statement, column);

		rows_write_csv_field(file, bytes, (size_t)sqlite3_column_bytes(statement, column), safe);
	}
}

void rows_open(struct rows *rows, struct output *output, sqlite3_stmt *statement)
{
	rows->output = output;
	rows->count = 0;
	if (output->format == OUTPUT_JSON)
		putc('[', output->file);
	if (output->format != OUTPUT_CSV)
		return;
	for (int i = 0; i < sqlite3_column_count(statement); i++) {
		const char *name = sqlite3_column_name(statement, i);

		if (i)
			putc(',', output->file);
		rows_write_csv_field(output->file, name, strlen(name), output->terminal);
	}
	fputs("\n", output->file);
}

void rows_add(struct rows *rows, sqlite3_stmt *statement)
{
	FILE *file = rows->output->file;

	errno = 0;
	switch (rows->output->format) {
	case OUTPUT_JSON:
		fputs(rows->count ? ",\n" : "\n", file);
		write_json_row(file, statement);
		break;
	case OUTPUT_NDJSON:
		write_json_row(file, statement);
		putc('\n', file);
		break;
	case OUTPUT_CSV:
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			if (i)
				putc(',', file);
			write_csv_value(file, statement, i, rows->output->terminal);
		}
		fputs("\n", file);
		break;
	case OUTPUT_TEXT:
		break;
	}
	rows->count++;
	if (rows->output->live)
		fflush(file);
	if (ferror(file) && !rows->output->broken) {
		rows->output->broken = 1;
		rows->output->error = errno == EPIPE ? 0 : errno;
	}
}

void rows_close(struct rows *rows)
{
	if (rows->output->format == OUTPUT_JSON)
		fputs(rows->count ? "\n]\n" : "]\n", rows->output->file);
}

int rows_print_all(struct output *output, sqlite3 *database, sqlite3_stmt *statement)
{
	struct rows rows;
	int code = SQLITE_DONE;

	rows_open(&rows, output, statement);
	while (!output->broken && (code = sqlite3_step(statement)) == SQLITE_ROW)
		rows_add(&rows, statement);
	rows_close(&rows);
	if (code == SQLITE_DONE || code == SQLITE_ROW)
		return 0;
	fprintf(stderr, "socklife: %s\n", sqlite3_errmsg(database));
	return -EIO;
}
