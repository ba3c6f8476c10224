/*
 * known_libc.c: scans the libc that it runs with, and prints what it found as macros for preload/patch_known.c. Exit status 1: there is nothing to know.
 */
#include "preload/patch_known.h"

#include <stdio.h>

#if defined(__x86_64__)

static void print(const struct patch_module *module, const struct patch_found *found)
{
	printf("/* %s */\n#define KNOWN_BUILD_ID", module->path);
	for (size_t i = 0; i < module->build_id_bytes; i++)
		printf(" %u,", module->build_id[i]);
	printf("\n#define KNOWN_LEFT");
	for (unsigned i = 0; i < PATCH_LEFT_REASONS; i++)
		printf(" %u,", found->left[i]);
	printf("\n#define KNOWN_SITES");
	for (unsigned i = 0; i < found->count; i++) {
		const struct patch_site *site = &found->site[i];

		printf(" \\\n\t{ %u, %u, %u, %u, %u, { { %u, %d }, { %u, %d } } },", (unsigned)(site->at - module->text), site->number,
			(unsigned)(site->resume - site->at), site->kind, site->loads, site->load[0].what, site->load[0].displacement, site->load[1].what,
			site->load[1].displacement);
	}
	printf("\n");
}

int main(void)
{
	static struct patch_site sites[PATCH_SITES_MAX];
	struct patch_module modules[PATCH_MODULES_MAX];
	uint32_t left[PATCH_LEFT_REASONS] = { 0 };
	struct patch_found found = { sites, 0, PATCH_SITES_MAX, left };

	/* Of two (before glibc 2.34), neither is worth it. */
	if (patch_modules(modules) != 1 || !modules[0].build_id)
		return 1;
	patch_scan_module(&modules[0], &found);
	if (found.count == 0)
		return 1;
	print(&modules[0], &found);
	return 0;
}

#else

int main(void)
{
	return 1;
}

#endif
