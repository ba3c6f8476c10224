/* filter_names.c: which protocols and errors there are at all: schema/constants.def, whose names a trace gives its numbers. */
#include "viewer/filter_internal.h"

#include <string.h>

static const struct {
	const char *kind, *name;
} names[] = {
#define CONSTANT(kind, number, name, meaning) {#kind, name},
#include "schema/constants.def"
};

int filter_is_name(const char *kind, struct filter_name *name)
{
	char candidate[FILTER_NAME_MOST];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t length = strlen(names[i].name);

		if (strcmp(names[i].kind, kind) || length >= sizeof candidate)
			continue;
		if (!strcasecmp(names[i].name, name->suggest.word))
			return 1;
		for (size_t at = 0; at <= length; at++)
			candidate[at] = (char)name->fold(names[i].name[at]);
		suggest_offer(&name->suggest, candidate);
		if (name->suggest.nearest == candidate)
			name->suggest.nearest = strcpy(name->nearest, candidate);
	}
	return 0;
}
