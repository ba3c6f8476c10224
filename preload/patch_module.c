/* patch_module.c: see patch_module.h. */
#if defined(__x86_64__)

#include "preload/patch_module.h"
#include "preload/raw.h"

#include <link.h>

#define PAGE_BYTES UINT64_C(4096)

extern int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data) __attribute__((weak));

struct modules {
	struct patch_module *module;
	unsigned count;
};

static int name_is(const char *path, const char *name)
{
	size_t length = raw_length(path), tail = raw_length(name);

	return length > tail && path[length - tail - 1] == '/' && raw_equal(path + length - tail, name, tail);
}

/* elf(5), Notes: a header, the name and what it says, each padded to 4 bytes */
static void note_build_id(struct patch_module *module, const uint8_t *at, const uint8_t *end)
{
	while ((size_t)(end - at) > sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
		const uint8_t *name = at + sizeof *note, *said = name + ((note->n_namesz + 3) & ~3u);

		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && raw_equal((const char *)name, "GNU", 4) && note->n_descsz <= (size_t)(end - said)) {
			module->build_id = said;
			module->build_id_bytes = note->n_descsz;
		}
		at = said + ((note->n_descsz + 3) & ~3u);
		if (at > end)
			return;
	}
}

static int note_module(struct dl_phdr_info *info, size_t bytes, void *data)
{
	struct modules *modules = data;
	struct patch_module module = { .path = info->dlpi_name };

	if (modules->count == PATCH_MODULES_MAX || !info->dlpi_name ||
	    (!name_is(info->dlpi_name, "libc.so.6") && !name_is(info->dlpi_name, "libpthread.so.0")))
		return 0;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		const uint8_t *at = (const uint8_t *)info->dlpi_addr + header->p_vaddr;

		if (header->p_type == PT_GNU_EH_FRAME)
			module.frame_header = at;
		if (header->p_type == PT_NOTE)
			note_build_id(&module, at, at + header->p_memsz);
		if (header->p_type != PT_LOAD || !(header->p_flags & PF_X))
			continue;
		if (module.text)
			return 0; /* more than one: not a libc we know */
		module.text = at;
		module.text_bytes = header->p_filesz;
		module.text_offset = header->p_offset;
	}
	if (module.text && module.frame_header && ((uintptr_t)module.text - module.text_offset) % PAGE_BYTES == 0)
		modules->module[modules->count++] = module;
	return 0;
}

unsigned patch_modules(struct patch_module *module)
{
	struct modules modules = { module, 0 };

	if (dl_iterate_phdr)
		dl_iterate_phdr(note_module, &modules);
	return modules.count;
}

#else
typedef int patch_module_is_for_x86_64;
#endif
