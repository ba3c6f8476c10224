# Builds, tests and installs socklife. `make help` lists the targets; generated files live only under build/.

CC ?= gcc
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter
BASE_FLAGS = -std=gnu11 -D_GNU_SOURCE -I. -Ibuild $(WARNINGS) -MMD -MP

PRELOAD_FLAGS = -fPIC -fvisibility=hidden -ftls-model=initial-exec -fexceptions -fasynchronous-unwind-tables \
	-fno-stack-protector -U_FORTIFY_SOURCE -fcf-protection=none -fno-builtin
PRELOAD_LINK = -shared -nostdlib -Wl,--version-script=preload/exports.map -Wl,-z,noexecstack -Wl,-z,relro -Wl,-z,now \
	-Wl,--build-id -Wl,-soname,libsocklife.so

PRELOAD_OBJECTS = $(patsubst %,build/%.o,$(wildcard preload/*.c preload/*.S))
COLLECTOR_OBJECTS = $(patsubst %,build/%.o,$(wildcard collector/*.c))
VIEWER_OBJECTS = $(patsubst %,build/%.o,$(wildcard viewer/*.c))
SCHEMA_SQL = schema/tables.sql schema/views.sql $(sort $(wildcard schema/problems/*.sql))

all: build/libsocklife.so build/socklife

build/libsocklife.so: $(PRELOAD_OBJECTS) preload/exports.map
	$(CC) $(CFLAGS) $(LDFLAGS) $(PRELOAD_LINK) -o $@ $(PRELOAD_OBJECTS)

build/socklife: $(COLLECTOR_OBJECTS) $(VIEWER_OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lsqlite3 -lm

build/preload/%.c.o: preload/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) $(PRELOAD_FLAGS) -c -o $@ $<

build/preload/%.S.o: preload/%.S
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) $(PRELOAD_FLAGS) -c -o $@ $<

build/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(BASE_FLAGS) -c -o $@ $<

# schema_sql.h: the SQL files as C strings, so that the program carries its schema.
build/schema_sql.h: $(SCHEMA_SQL) schema/embed.sh
	@mkdir -p build
	sh schema/embed.sh $(SCHEMA_SQL) > $@.tmp && mv $@.tmp $@

$(COLLECTOR_OBJECTS) $(VIEWER_OBJECTS): | build/schema_sql.h

clean:
	rm -rf build

.PHONY: all clean
-include $(patsubst %.o,%.d,$(PRELOAD_OBJECTS) $(COLLECTOR_OBJECTS) $(VIEWER_OBJECTS))
