# Builds, tests and installs socklife. `make help` lists the targets; generated files live only under $(BUILD).
#
# New sources are picked up by their place:
#   preload/*.c *.S      → libsocklife.so          collector/*.c, viewer/*.c → socklife
#   tests/unit/test_*.c  → a cmocka program, linked with what it needs of collector/ and viewer/
#   tests/programs/*.c   → a program for the tests to trace, with glibc and with musl; a comment `link: -lX` in it adds libraries
#   tests/*/test_*.sh, tests/*/test_*.py (executable) → a suite of `make check`, see tests/run.sh
#   tests/harmless/*.c *.cc → programs that must not notice the shim, run by tests/harmless/test_harmless.sh
#   tests/suites/*.suite → a test suite of others, for `make suites` (the format: tests/suites/suites.py)
#   tests/fuzz/fuzz_*.c  → a fuzz target (LLVMFuzzerTestOneInput)
#   bench/workloads/*.c  → a workload of `make bench`

CC ?= gcc
BUILD ?= build
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter
BASE_FLAGS = -std=gnu11 -Werror=implicit-function-declaration -D_GNU_SOURCE -I. -I$(BUILD) $(WARNINGS) -MMD -MP
# SQLite from its archive where there is one: docs/decisions/compact-rows.md.
SQLITE ?= $(if $(findstring /,$(shell $(CC) -print-file-name=libsqlite3.a)),$(shell $(CC) -print-file-name=libsqlite3.a),-lsqlite3)
LIBRARIES = $(SQLITE) -ldw -lelf -lm

PRELOAD_FLAGS = -fPIC -fvisibility=hidden -ftls-model=initial-exec -fexceptions -fasynchronous-unwind-tables \
	-mgeneral-regs-only -fno-stack-protector -U_FORTIFY_SOURCE -fcf-protection=none -fno-builtin
PRELOAD_LINK = -shared -nostdlib -Wl,-z,noexecstack -Wl,-z,relro -Wl,-z,now \
	-Wl,--build-id -Wl,-soname,libsocklife.so $(if $(filter x86_64%,$(shell $(CC) -dumpmachine)),-Wl$(comma)--version-script=preload/exports.map)
comma := ,

PRELOAD_OBJECTS = $(patsubst %,$(BUILD)/%.o,$(wildcard preload/*.c preload/*.S))
COLLECTOR_OBJECTS = $(patsubst %,$(BUILD)/%.o,$(wildcard collector/*.c))
VIEWER_OBJECTS = $(patsubst %,$(BUILD)/%.o,$(wildcard viewer/*.c))
SCHEMA_SQL = schema/tables.sql schema/views.sql $(sort $(wildcard schema/problems/*.sql))

UNIT_TESTS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
TEST_PROGRAMS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/programs/*.c))
# The same programs with musl, but for those that are about glibc alone (tests/programs/test_musl.py says why).
MUSL_PROGRAMS = $(patsubst %.c,$(BUILD)/musl/%,$(filter-out tests/programs/unwind_each_step.c,$(wildcard tests/programs/*.c)))
HARMLESS_PROGRAMS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/harmless/*.c)) $(patsubst %.cc,$(BUILD)/%,$(wildcard tests/harmless/*.cc))
FUZZ_TARGETS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH_PROGRAMS = $(patsubst %.c,$(BUILD)/%,$(wildcard bench/workloads/*.c))
EXAMPLES = $(patsubst %.c,$(BUILD)/%,$(wildcard examples/*.c))

PRODUCTS = $(if $(PRELOAD_OBJECTS),$(BUILD)/libsocklife.so) $(if $(wildcard viewer/main.c),$(BUILD)/socklife)

all: $(PRODUCTS) ## build build/socklife and build/libsocklife.so

$(BUILD)/libsocklife.so: $(PRELOAD_OBJECTS) preload/exports.map
	$(CC) $(CFLAGS) $(LDFLAGS) $(PRELOAD_LINK) -o $@ $(PRELOAD_OBJECTS)

$(BUILD)/socklife: $(COLLECTOR_OBJECTS) $(VIEWER_OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

# What a scan finds in this machine's libc, so that the library need not scan that one. A machine that cannot tell (another architecture) knows none.
KNOWN_LIBC_OBJECTS = $(patsubst %,$(BUILD)/preload/%.o,generate/known_libc.c patch_module.c patch_scan.c patch_decode.c patch_find.S)
$(BUILD)/known_libc.h: $(KNOWN_LIBC_OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $(BUILD)/preload/generate/known_libc $^
	$(BUILD)/preload/generate/known_libc > $@.tmp || : > $@.tmp
	mv $@.tmp $@
$(BUILD)/preload/patch_known.c.o: $(BUILD)/known_libc.h

$(BUILD)/preload/%.c.o: preload/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) $(PRELOAD_FLAGS) -c -o $@ $<

$(BUILD)/preload/%.S.o: preload/%.S
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) $(PRELOAD_FLAGS) -c -o $@ $<

# Numbers from a spool or a database may be anything: their sums wrap instead of being undefined.
$(BUILD)/collector/%.c.o $(BUILD)/viewer/%.c.o: BASE_FLAGS += -fwrapv

$(BUILD)/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) -c -o $@ $<

# schema_sql.h: the SQL files as C strings, so that the program carries its schema.
$(BUILD)/schema_sql.h: $(SCHEMA_SQL) schema/embed.sh
	@mkdir -p $(@D)
	sh schema/embed.sh $(SCHEMA_SQL) > $@.tmp && mv $@.tmp $@

$(COLLECTOR_OBJECTS) $(VIEWER_OBJECTS) $(UNIT_TESTS:%=%.c.o) $(FUZZ_TARGETS:%=%.c.o): | $(BUILD)/schema_sql.h

# What unit tests and fuzz targets link with: an archive, with our own main under another name.
$(BUILD)/socklife.a: $(COLLECTOR_OBJECTS) $(VIEWER_OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	objcopy --redefine-sym main=socklife_main $(BUILD)/viewer/main.c.o $(BUILD)/viewer_main.o
	ar rcs $@ $(filter-out $(BUILD)/viewer/main.c.o,$^) $(BUILD)/viewer_main.o

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.c.o $(BUILD)/socklife.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBRARIES) -lpthread -ldl

# Programs to be traced and workloads link with libc alone, and say so in their source when they need more.
$(BUILD)/tests/programs/%: tests/programs/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) -o $@ $< -lpthread $$(sed -n 's|.*link: \(-.*\)$$|\1|p' $<)

# The kernel's headers, which musl's compiler does not look for where Debian keeps them.
$(BUILD)/musl/include:
	@mkdir -p $@
	@ln -sfn /usr/include/linux /usr/include/asm-generic $@
	@ln -sfn /usr/include/$(shell uname -m)-linux-gnu/asm $@

$(BUILD)/musl/tests/programs/%: tests/programs/%.c | $(BUILD)/musl/include
	@mkdir -p $(@D)
	musl-gcc $(CFLAGS) $(BASE_FLAGS) -idirafter $(BUILD)/musl/include -include tests/programs/musl.h -o $@ $< -lpthread

$(BUILD)/bench/workloads/%: bench/workloads/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) -o $@ $< -lpthread

$(BUILD)/bench/generate/generate: $(BUILD)/bench/generate/generate.c.o $(BUILD)/bench/generate/script.c.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/bench/rows/rows: $(BUILD)/bench/rows/rows.c.o $(BUILD)/collector/store_bulk.c.o $(BUILD)/collector/facts.c.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SQLITE) -lm

$(BUILD)/bench/empty_shim.so $(BUILD)/bench/reference_shim.so: bench/empty_shim.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) $(if $(findstring reference,$@),-DREFERENCE) -fPIC -shared -Wno-missing-prototypes -o $@ $< -ldl

$(BUILD)/examples/%: examples/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) -o $@ $<

$(BUILD)/tests/harmless/%: tests/harmless/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) -Wno-missing-prototypes -o $@ $< -lpthread $$(sed -n 's|.*link: \(-.*\)$$|\1|p' $<)

$(BUILD)/tests/harmless/%: tests/harmless/%.cc
	@mkdir -p $(@D)
	$(CXX) $(CFLAGS) -o $@ $< -lpthread

ifdef LIBFUZZER
$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.c.o $(BUILD)/socklife.a
	$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBRARIES)
else
$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.c.o $(BUILD)/tests/fuzz/standalone.c.o $(BUILD)/socklife.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARIES)
endif

deps: ## install the Debian packages that building and testing need and this machine lacks
	@sh tests/setup.sh check

tests: all $(UNIT_TESTS) $(TEST_PROGRAMS) $(MUSL_PROGRAMS) $(HARMLESS_PROGRAMS) $(BENCH_PROGRAMS) $(BUILD)/bench/generate/generate $(BUILD)/bench/rows/rows $(EXAMPLES) ## build the test programs

check: ## install what is missing, build, run every test
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory tests
	@BUILD=$(BUILD) bash tests/run.sh $(SUITES)

demo: ## trace a chat server and its three clients (or CMD='curl …') and print their lifecycles
	@sh tests/setup.sh build
	@$(MAKE) --no-print-directory -s all $(EXAMPLES)
	@BUILD=$(BUILD) CMD='$(subst ','\'',$(CMD))' bash examples/demo.sh

campaign: ## trace every real program we know under strace as well, and compare (long; installs the programs)
	@sh tests/setup.sh check
	@sh tests/setup.sh campaign
	@$(MAKE) --no-print-directory tests
	@BUILD=$(BUILD) /usr/bin/python3 tests/real/compare.py $(if $(SCENARIOS),$(SCENARIOS),--all)

suites: all ## run test suites of others untraced and traced, compare test by test (an hour; SUITE=name PART=word for one; installs them)
	@sh tests/setup.sh check
	@BUILD=$(BUILD) /usr/bin/python3 tests/suites/run.py $(SUITE) $(PART)

bench: ## measure against no tracing, an empty shim and strace (8 minutes; QUICK=1: one; PARTS='workloads long growth servers start-up'; BASE=another/build: against that)
	@sh tests/setup.sh bench
	@$(MAKE) --no-print-directory all $(BENCH_PROGRAMS) $(BUILD)/bench/empty_shim.so $(BUILD)/bench/reference_shim.so
	@BUILD=$(BUILD) BASE=$(BASE) /usr/bin/python3 bench/run $(if $(QUICK),quick) $(PARTS)

CALLS ?= 1000000
SOCKETS ?= 100000
SEED ?= 1
SHAPE ?= groups
bench-db: ## make a database of CALLS (1000000) calls on SOCKETS (100000) sockets of a SHAPE (groups, open, one, unix) with the real collector, and time the viewer on it (BASE=another/build: only the collectors, in turn)
	@sh tests/setup.sh bench
	@$(MAKE) --no-print-directory all $(BUILD)/bench/generate/generate $(BUILD)/bench/rows/rows
	@BUILD=$(BUILD) BASE=$(BASE) /usr/bin/python3 bench/database.py $(CALLS) $(SOCKETS) $(SEED) $(SHAPE)

SANITIZE_ADDRESS = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
SANITIZE_THREAD = -O1 -g -fsanitize=thread

asan: ## units and views under address and undefined behaviour sanitizers
	@sh tests/setup.sh check
	@$(MAKE) --no-print-directory BUILD=build/asan CFLAGS='$(SANITIZE_ADDRESS)' SANITIZED_SUITES=tests/views/test_views.sh sanitized

tsan: ## units under the thread sanitizer
	@sh tests/setup.sh check
	@$(MAKE) --no-print-directory BUILD=build/tsan CFLAGS='$(SANITIZE_THREAD)' sanitized

sanitized: $(UNIT_TESTS) $(BUILD)/socklife
	@BUILD=$(BUILD) bash tests/run.sh $(UNIT_TESTS) $(SANITIZED_SUITES)

lint: ## clang-tidy and cppcheck with the checked-in configuration (minutes)
	@sh tests/setup.sh lint
	@$(MAKE) --no-print-directory $(BUILD)/schema_sql.h $(BUILD)/known_libc.h
	@BUILD=$(BUILD) bash tests/lint/run.sh

FUZZ_SECONDS ?= 60
fuzz: ## run each fuzz target FUZZ_SECONDS (60) with clang's libFuzzer
	@sh tests/setup.sh check
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC=clang LIBFUZZER=1 \
		CFLAGS='$(SANITIZE_ADDRESS) -fsanitize=fuzzer-no-link' fuzz-targets
	@BUILD=build/fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) bash tests/fuzz/run.sh

fuzz-targets: $(FUZZ_TARGETS)

soak: tests ## fork, threads, signals, exec and kill for SOAK_SECONDS (600), then exact accounting
	@BUILD=$(BUILD) bash tests/soak.sh

layers: ## check the floor plan: which directory may include which
	@bash tests/build/test_layers.sh

docs: docs/schema.md docs/problems.md ## regenerate docs/schema.md and docs/problems.md from the comments in schema/
docs/problems.md: $(wildcard schema/problems/*.sql) schema/document_problems.sh
	sh schema/document_problems.sh $(sort $(wildcard schema/problems/*.sql)) > $@.tmp && mv $@.tmp $@
docs/schema.md: schema/tables.sql schema/views.sql schema/document.sh
	sh schema/document.sh schema/tables.sql schema/views.sql > $@.tmp && mv $@.tmp $@

man: $(BUILD)/socklife ## write the manual pages, from the commands' own descriptions, to build/man
	@mkdir -p $(BUILD)/man
	@$(BUILD)/socklife help --man > $(BUILD)/man/socklife.1
	@for command in $$($(BUILD)/socklife help --names); do \
		$(BUILD)/socklife help --man $$command > $(BUILD)/man/socklife-$$command.1 || exit 1; done

install: all man ## install under $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib
	install -m 755 $(BUILD)/socklife $(DESTDIR)$(PREFIX)/bin/socklife
	install -m 755 $(BUILD)/libsocklife.so $(DESTDIR)$(PREFIX)/lib/libsocklife.so
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(BUILD)/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1

clean: ## remove everything that was built
	rm -rf build $(BUILD)

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: all deps tests check demo campaign suites bench bench-db asan tsan sanitized lint fuzz fuzz-targets soak layers docs man install clean help
.SECONDARY:
-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d $(BUILD)/musl/*/*/*.d)
