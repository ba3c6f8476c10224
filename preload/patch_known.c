/* patch_known.c: see patch_known.h. */
#if defined(__x86_64__)

#include "preload/patch_known.h"
#include "preload/raw.h"

#include "known_libc.h"

#ifdef KNOWN_BUILD_ID

static const uint8_t build_id[] = { KNOWN_BUILD_ID };
static const uint32_t left[PATCH_LEFT_REASONS] = { KNOWN_LEFT };
static const struct patch_known_site known[] = { KNOWN_SITES };

/* The bytes that make it a site; all other bytes of its page are compared with the file's before it is changed (patch.c). */
static int is_there(const struct patch_module *module, const struct patch_known_site *site)
{
	const uint8_t *at = module->text + site->at, *call = at + site->resume - 2;

	if (site->at + site->resume > module->text_bytes)
		return 0;
	if (site->kind == PATCH_XOR)
		return at[1] == 0xc0 && at[2] == 0x0f && at[3] == 0x05;
	return at[0] == 0xb8 && at[1] == (uint8_t)site->number && at[2] == site->number >> 8 && call[0] == 0x0f && call[1] == 0x05;
}

int patch_known_module(const struct patch_module *module, struct patch_found *found)
{
	const unsigned count = sizeof known / sizeof *known;

	if (!module->build_id || module->build_id_bytes != sizeof build_id ||
	    !raw_equal((const char *)module->build_id, (const char *)build_id, sizeof build_id) || count > found->max - found->count)
		return 0;
	for (unsigned i = 0; i < count; i++)
		if (!is_there(module, &known[i]))
			return 0;
	for (unsigned i = 0; i < count; i++) {
		struct patch_site *site = &found->site[found->count++];
		const uint8_t *at = module->text + known[i].at;

		*site = (struct patch_site){ at, at + known[i].resume, known[i].number, known[i].kind, known[i].loads, { { 0, 0 }, { 0, 0 } } };
		for (unsigned l = 0; l < PATCH_LOADS_MAX; l++)
			site->load[l] = known[i].load[l];
	}
	for (unsigned i = 0; i < PATCH_LEFT_REASONS; i++)
		found->left[i] += left[i];
	return 1;
}

#else

int patch_known_module(const struct patch_module *module, struct patch_found *found)
{
	return 0;
}

#endif

#else
typedef int patch_known_is_for_x86_64;
#endif
