/*
 * standalone.c: runs a fuzz target without libFuzzer, so that `make check` needs no clang: replays a corpus, then mutates it at random for some
 * seconds.
 *
 *     fuzz_NAME SECONDS SEED [FILE…]
 *
 * Prints how often the target ran. The last input is kept in ./crash-SEED while it runs, and removed when it returned.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROOM 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

struct input {
	uint8_t *data;
	size_t size;
};

static uint64_t state;

static uint32_t any(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return below ? (uint32_t)(state >> 33) % below : 0;
}

static void mutate(uint8_t *data, size_t *size, const struct input *other)
{
	static const uint8_t telling[] = { 0, 1, 2, 0x7f, 0x80, 0xff, ' ', ':', '-', '\'', '%', '\n' };

	for (uint32_t times = 1 + any(6); times; times--) {
		uint32_t at = any((uint32_t)*size), length = 1 + any(16);

		switch (any(6)) {
		case 0:
			if (*size)
				data[at] ^= (uint8_t)(1u << any(8));
			break;
		case 1:
			if (*size)
				data[at] = telling[any(sizeof(telling))];
			break;
		case 2:
			if (*size + length <= ROOM) {
				memmove(data + at + length, data + at, *size - at);
				for (uint32_t i = 0; i < length; i++)
					data[at + i] = (uint8_t)any(256);
				*size += length;
			}
			break;
		case 3:
			if (*size > at + length) {
				memmove(data + at, data + at + length, *size - at - length);
				*size -= length;
			}
			break;
		case 4:
			if (other->size && *size) {
				uint32_t from = any((uint32_t)other->size);
				size_t n = other->size - from < *size - at ? other->size - from : *size - at;

				memcpy(data + at, other->data + from, n);
			}
			break;
		default:
			if (*size >= 8) {
				uint64_t value = any(2) ? UINT64_MAX - any(3) : (uint64_t)any(1u << any(31));

				memcpy(data + at % (*size - 7), &value, 8);
			}
		}
	}
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 5, input_count = 0;
	struct input *inputs = calloc((size_t)argc + 1, sizeof(*inputs));
	static uint8_t data[ROOM];
	char crash[64];
	unsigned long runs = 0;
	time_t end;

	if (!inputs)
		return 2;
	state = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	snprintf(crash, sizeof(crash), "crash-%s", argc > 2 ? argv[2] : "1");
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	inputs[input_count++] = (struct input){ (uint8_t *)strdup(""), 0 };
	for (int i = 3; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		struct input input = { malloc(ROOM), 0 };

		if (!file || !input.data)
			return 2;
		input.size = fread(input.data, 1, ROOM, file);
		fclose(file);
		inputs[input_count++] = input;
		LLVMFuzzerTestOneInput(input.data, input.size);
		runs++;
	}
	for (end = time(NULL) + seconds; time(NULL) < end; runs++) {
		const struct input *input = &inputs[any((uint32_t)input_count)];
		size_t size = input->size;
		uint8_t *exact;
		FILE *file;

		memcpy(data, input->data, size);
		mutate(data, &size, &inputs[any((uint32_t)input_count)]);
		file = fopen(crash, "wb");
		if (file) {
			fwrite(data, 1, size, file);
			fclose(file);
		}
		/* In a block of its very size, so that the address sanitizer sees a read beyond it. */
		exact = malloc(size ? size : 1);
		memcpy(exact, data, size);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
	}
	remove(crash);
	for (int i = 0; i < input_count; i++)
		free(inputs[i].data);
	free(inputs);
	printf("%lu runs\n", runs);
	return 0;
}
