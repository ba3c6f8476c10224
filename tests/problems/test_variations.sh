#!/bin/bash
# test_variations.sh [NAME]: the programs of programs/variations.c, numbers.c, impatient.c and strangers.c: the same faults in other shapes, beside
# programs that look like them and have none.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/programs.sh"

for program in variations numbers impatient strangers; do
	each $program "${1:-}"
done
finish
