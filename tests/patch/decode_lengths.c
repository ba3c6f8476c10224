/*
 * decode_lengths.c: reads lines "length bytes-in-hex" as a disassembler gives them, and checks each against patch_decode. Prints those that
 * differ, and how many were right.
 */
#include "preload/patch_decode.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
	char hex[64];
	unsigned length;
	long right = 0, wrong = 0;

	while (scanf("%u %63s", &length, hex) == 2) {
		uint8_t bytes[32];
		struct patch_instruction instruction;

		memset(bytes, 0x90, sizeof bytes);
		for (unsigned i = 0; i < length && i < 16; i++)
			sscanf(hex + 2 * i, "%2hhx", &bytes[i]);
		if (patch_decode(bytes, sizeof bytes, &instruction) && instruction.length == length)
			right++;
		else if (wrong++ < 10)
			printf("%s is %u bytes\n", hex, length);
	}
	printf("%ld right, %ld wrong\n", right, wrong);
	return wrong != 0 || right < 100000;
}
