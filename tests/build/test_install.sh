#!/bin/bash
# make install: what was installed works from where it was put, and nothing lies outside DESTDIR and PREFIX.
. "$(dirname "$0")/../tap.sh"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL
root=$work/root/opt/socklife

installs() { make -s install DESTDIR="$work/root" PREFIX=/opt/socklife; }
files() { [ -x "$root/bin/socklife" ] && [ -e "$root/lib/libsocklife.so" ]; }
traces() { (cd "$work" && "$root/bin/socklife" run -q -o t.db -- "$OLDPWD/$BUILD/tests/programs/pair" >/dev/null && [ "$(sqlite3 t.db "SELECT count(*) FROM lifecycle WHERE role = 'pair'")" = 2 ]); }
bare() {
	(cd "$work" && LD_PRELOAD="$root/lib/libsocklife.so" SOCKLIFE_DB="$work/bare.db" "$OLDPWD/$BUILD/tests/programs/pair" >/dev/null) || return 1
	for _ in $(seq 100); do
		[ "$(sqlite3 "$work/bare.db" "SELECT value FROM meta WHERE key = 'state'" 2>/dev/null)" = complete ] && return 0
		sleep 0.1
	done
	ls -la "$work"
	return 1
}

check "make install succeeds" installs
check "the program and the library are where PREFIX says" files
check "the installed program finds its library" traces
check "the installed library finds its collector" bare
finish
