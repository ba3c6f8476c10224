/* fuzz_suppress.c: any bytes as a suppressions file. */
#include "tests/fuzz/fuzz.h"
#include "viewer/suppress.h"

static char path[128];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_begin();
	snprintf(path, sizeof(path), "%s/suppressions", fuzz_directory);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct suppress suppress = { 0 };
	const char *reason;

	fuzz_write(path, data, size);
	if (suppress_read(&suppress, path) == 0) {
		suppress_match(&suppress, "LEAK", "nginx", "127.0.0.1:80", &reason);
		suppress_match(&suppress, "RESET", NULL, NULL, &reason);
		suppress_warn_unused(&suppress);
	}
	suppress_free(&suppress);
	return 0;
}
