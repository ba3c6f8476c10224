/*
 * callsite.c: see callsite.h. elfutils' libdwfl reads symbols and DWARF of files on this machine; it is kept from asking a
 * debuginfo server. Recorded offsets are return addresses: the call itself is the byte before.
 */
#include "viewer/callsite.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MAX 64

struct callsite_file {
	char *path;
	Dwfl *dwfl;           /* NULL: not an ELF file, or gone */
	Dwfl_Module *module;
	GElf_Addr bias;       /* the address of offset 0; 0 for a program that is not position-independent, whose offsets are addresses */
	char build_id[129];   /* hex; empty: it has none */
};

struct callsite {
	struct database *database;
	sqlite3_stmt *statement;
	struct callsite_file files[FILES_MAX];
	int count;
};

struct callsite *callsite_open(struct database *database)
{
	struct callsite *callsite = calloc(1, sizeof *callsite);

	if (!callsite)
		return NULL;
	unsetenv("DEBUGINFOD_URLS"); /* no look-up leaves the machine */
	callsite->database = database;
	callsite->statement = database_prepare(database, "SELECT module, build_id, offset FROM caller WHERE caller_id = ?1");
	return callsite;
}

void callsite_close(struct callsite *callsite)
{
	if (!callsite)
		return;
	for (int i = 0; i < callsite->count; i++) {
		if (callsite->files[i].dwfl)
			dwfl_end(callsite->files[i].dwfl);
		free(callsite->files[i].path);
	}
	sqlite3_finalize(callsite->statement);
	free(callsite);
}

static void read_build_id(struct callsite_file *file)
{
	const unsigned char *bits = NULL;
	GElf_Addr address;
	int length = dwfl_module_build_id(file->module, &bits, &address);

	for (int i = 0; i < length && i < 64; i++)
		snprintf(file->build_id + 2 * i, 3, "%02x", bits[i]);
}

/* The file is reported by its path: there is nothing to find. */
static int find_no_elf(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base, char **path, Elf **elf)
{
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_no_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static void open_file(struct callsite_file *file)
{
	struct stat status;

	if (stat(file->path, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	file->dwfl = dwfl_begin(&callbacks);
	if (!file->dwfl)
		return;
	file->module = dwfl_report_offline(file->dwfl, file->path, file->path, -1);
	dwfl_report_end(file->dwfl, NULL, NULL);
	if (!file->module || !dwfl_module_getelf(file->module, &file->bias)) {
		file->module = NULL;
		return;
	}
	read_build_id(file);
}

static struct callsite_file *find_file(struct callsite *callsite, const char *path)
{
	struct callsite_file *file;

	for (int i = 0; i < callsite->count; i++)
		if (!strcmp(callsite->files[i].path, path))
			return &callsite->files[i];
	if (callsite->count == FILES_MAX)
		return NULL;
	file = &callsite->files[callsite->count];
	file->path = strdup(path);
	if (!file->path)
		return NULL;
	callsite->count++;
	open_file(file);
	return file;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The function around an address; DWARF first, for a stripped file has no symbol of a static function. */
static const char *find_function(Dwfl_Module *module, GElf_Addr address)
{
	Dwarf_Addr bias;
	Dwarf_Die *unit = dwfl_module_addrdie(module, address, &bias), *scopes = NULL;
	const char *name = NULL;
	int count = unit ? dwarf_getscopes(unit, address - bias, &scopes) : 0;

	for (int i = 0; i < count && !name; i++)
		if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram || dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine)
			name = dwarf_diename(&scopes[i]);
	free(scopes);
	return name ? name : dwfl_module_addrname(module, address);
}

static int describe_code(const struct callsite_file *file, uint64_t offset, char *text, size_t size)
{
	GElf_Addr address = file->bias + offset - 1;
	Dwfl_Line *line = dwfl_module_getsrc(file->module, address);
	const char *function = find_function(file->module, address), *path = NULL;
	int number = 0;

	if (line)
		path = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
	if (path && function)
		return snprintf(text, size, "%s:%d %s()", base_name(path), number, function);
	if (path)
		return snprintf(text, size, "%s:%d", base_name(path), number);
	if (function)
		return snprintf(text, size, "%s() in %s", function, base_name(file->path));
	return 0;
}

static void describe_row(struct callsite *callsite, char *text, size_t size)
{
	const char *module = (const char *)sqlite3_column_text(callsite->statement, 0);
	const char *build_id = (const char *)sqlite3_column_text(callsite->statement, 1);
	int64_t offset = sqlite3_column_int64(callsite->statement, 2);
	struct callsite_file *file = module ? find_file(callsite, module) : NULL;

	if (!module)
		return;
	if (!file || !file->module || (build_id && strcmp(build_id, file->build_id)) || offset <= 0 ||
	    describe_code(file, (uint64_t)offset, text, size) <= 0)
		snprintf(text, size, "%s+0x%llx", base_name(module), (unsigned long long)offset);
}

void callsite_describe(struct callsite *callsite, int64_t caller_id, char *text, size_t size)
{
	text[0] = 0;
	if (!callsite || !callsite->statement || caller_id <= 0)
		return;
	sqlite3_bind_int64(callsite->statement, 1, caller_id);
	if (sqlite3_step(callsite->statement) == SQLITE_ROW)
		describe_row(callsite, text, size);
	sqlite3_reset(callsite->statement);
}
