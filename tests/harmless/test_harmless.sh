#!/bin/bash
# test_harmless.sh: programs that would notice a tracer, run without and with it: same output, same exit status; and under the limits
# in which a tracer must give way. HARMLESS=all runs every case of the crossed arguments (minutes); else every seventh.
. tests/tap.sh
export BUILD=$(cd "$BUILD" && pwd)
library=$BUILD/libsocklife.so
programs=$BUILD/tests/harmless
work=$(mktemp -d) || exit 1
trap 'umount "$work"/full 2>/dev/null; rm -rf "$work"' EXIT
chmod 755 "$work"

# same [VARIABLE=VALUE…] -- COMMAND…: both runs must print the same and end the same.
same() {
	local settings=() plain traced_status plain_status
	while [ "$1" != -- ]; do settings+=("$1"); shift; done
	shift
	rm -rf "$work/run"
	mkdir "$work/run"
	chmod 777 "$work/run"
	timeout -k 5 600 "$@" 2>&1 </dev/null | cat >"$work/plain"
	plain_status=${PIPESTATUS[0]}
	timeout -k 5 600 env LD_PRELOAD="$library" SOCKLIFE_DB="$work/run/trace.db" SOCKLIFE_COLLECTOR=none SOCKLIFE_SPOOL_MAX=64M \
		"${settings[@]}" "$@" 2>&1 </dev/null | cat >"$work/traced"
	traced_status=${PIPESTATUS[0]}
	[ $plain_status = $traced_status ] || echo "status $plain_status untraced, $traced_status traced"
	# What was compared is no accident: the program got as far as saying something.
	[ -s "$work/plain" ] || { echo "no output"; return 1; }
	diff "$work/plain" "$work/traced" | head -n 10
	cmp -s "$work/plain" "$work/traced" && [ $plain_status = $traced_status ]
}

recorded() { same "$@" && [ -n "$(ls "$work/run/trace.db.spool" 2>/dev/null)" ]; }

# With a collector that the shim itself starts: no child, no signal, no descriptor of it is the program's.
with_collector() {
	same SOCKLIFE_COLLECTOR="$BUILD/socklife" -- "$@" || return 1
	for ((i = 0; i < 600; i++)); do
		[ -d "$work/run/trace.db.spool" ] || break
		sleep 0.1
	done
	[ "$(sqlite3 "$work/run/trace.db" "SELECT count(*) FROM call")" -gt 0 ]
}

# A trace that misses the program's calls does not claim to be whole: `run` says so. The gap's REASON; then as `same` says it.
said() {
	local reason=$1
	shift
	rm -rf "$work/said" && mkdir "$work/said" && cd "$work/said" || return 1
	timeout -k 5 100 "$BUILD/socklife" run -o trace.db "$@" >out 2>&1 </dev/null
	grep -q 'socklife: the trace is not complete' out && [ "$(sqlite3 trace.db "SELECT count(*) FROM gap WHERE reason = '$reason' AND incomplete = 1")" = 1 ]
}

# Under a limit that a shell sets: LIMIT is shell text, evaluated before the program starts.
limited() {
	local limit=$1
	shift
	same -- bash -c "$limit"'; exec "$@"' bash "$@"
}

if [ "${HARMLESS:-}" = all ]; then
	for part in 0 1 2 3; do
		check "bad arguments have the same outcome, part $part of 4" recorded SOCKLIFE_SPOOL_MAX=256M -- "$programs/arguments" $part 4
	done
else
	check "bad arguments have the same outcome" recorded SOCKLIFE_SPOOL_MAX=256M -- "$programs/arguments" 3 13
fi
check "bytes that TCP discards are not looked for" recorded SOCKLIFE_PAYLOAD=64 -- "$programs/discard"
check "addresses that are not written are not read" recorded -- "$programs/unmapped"
# Of each datagram the sender: three calls in each of two threads, whose stacks say how much room there is, wherever it is.
every_sender() {
	SOCKLIFE_DB=$work/senders.db LD_PRELOAD=$library SOCKLIFE_COLLECTOR=none "$programs/unmapped" addresses >/dev/null && "$BUILD/socklife" collect "$work/senders.db" &&
		[ "$(sqlite3 "$work/senders.db" "SELECT count(*) FROM call JOIN call_kind USING (call_kind_id) JOIN address USING (address_id)
			WHERE effect = 'receive' AND text LIKE '127.0.0.1:%'")" = 6 ]
}
check "addresses that are written are recorded" every_sender
check "descriptors and tasks look the same" recorded SOCKLIFE_SPOOL_MAX=1M -- "$programs/descriptors"
check "signals, jumps and fibres go as before" recorded -- "$programs/signals"
check "the first socket can be made on the smallest signal stack" recorded -- "$programs/signals" small
check "cancelled threads unwind, destructors run" recorded -- "$programs/cancel"
check "so does a process of one thread that cancels itself" recorded -- "$programs/alone"
check "forks, clones and threads at work keep exact sums" recorded -- "$programs/threads"
# All chunks but that of the main thread are the reader's (schema/spool.h: CHUNK_OWNED 1, CHUNK_RETIRED 2).
given_back() {
	recorded SOCKLIFE_SPOOL_MAX=32M -- "$programs/short_threads" 1000 && /usr/bin/python3 - "$work"/run/trace.db.spool/*.spool <<-'END'
		import struct, sys
		data = open(sys.argv[1], "rb").read()
		states = [struct.unpack_from("<I", data, at)[0] for at in range(16384, len(data), 8192)]
		print(states.count(1), "owned", states.count(2), "retired")
		# One for what a thread records, and one for what its destructor does: 1,000 - 84 and 334.
		sys.exit(states.count(1) > 1 or states.count(2) != 1250)
	END
}
check "threads that end give back their part of the spool" given_back
# Twice as many children as the spool has chunks of 8 KB: what they leave is used again while the program runs, and nothing is dropped.
used_again() {
	"$BUILD/socklife" run -q --spool-max=8M -o "$work/again.db" "$programs/short_children" 2000 200 >/dev/null && sqlite3 "$work/again.db" "SELECT reason, count FROM missing" &&
		[ "$(sqlite3 "$work/again.db" "SELECT count(*) >= 4000 FROM call") $(sqlite3 "$work/again.db" "SELECT count(*) FROM missing")" = "1 0" ]
}
check "children that come and go do not use up the spool" used_again
check "messages with control data, error queues and odd lengths" recorded -- "$programs/messages"
for case in subreaper dumpable privileges personality main daemon twice ptrace steps advice faults neighbours death storm; do
	check "a process does as it likes: $case" recorded -- "$programs/processes" $case
done
for program in "talk 5" "descriptors" "processes subreaper" "threads"; do
	if [ "$program" = "processes subreaper" ]; then
		# None is started where it would become the program's own child.
		check "a collector is started: $program" recorded SOCKLIFE_COLLECTOR="$BUILD/socklife" -- "$programs"/$program
	else
		check "a collector is started: $program" with_collector "$programs"/$program
	fi
done
for mode in strict filter syscall errno; do
	for moment in first then thread fork child exec probe; do
		check "seccomp: $mode, $moment" same SOCKLIFE_SPOOL_MAX=1M -- "$programs/seccomp" $mode $moment
	done
done
check "seccomp: a filter that looks at whole registers" same SOCKLIFE_SPOOL_MAX=1M -- "$programs/negative"

# The limits are the shim's own; where the time-stamp counter is not its clock (spool_header.clock), the kernel's function to read it (vdso(7)) takes its
# share besides.
stack_use() {
	local run clock
	for run in plain traced; do
		if [ $run = plain ]; then "$programs/stack"; else
			rm -rf "$work/run"/trace.db*
			LD_PRELOAD=$library SOCKLIFE_DB=$work/run/trace.db SOCKLIFE_COLLECTOR=none SOCKLIFE_SPOOL_MAX=$1 "$programs/stack"
		fi >"$work/stack.$run" || return 1
	done
	clock=$(od -An -tu4 -j24 -N4 "$work"/run/trace.db.spool/*.spool) # 2: the counter
	paste "$work/stack.plain" "$work/stack.traced" | awk -v clock=$((clock)) '
		{ extra = $4 - $2; limit = 256 + clock_takes }
		$1 == "nothing" { nothing = $2 }
		$1 == "clock" && clock != 2 { clock_takes = $2 - nothing }
		$1 ~ /^(close|close_dup|socket|bind|connect|accept|getsockname)$/ { limit = 400 }
		/failed/ { print; bad = 1 }
		{ seen++ }
		extra > limit { print $1 " takes " extra " bytes more, limit " limit; bad = 1 }
		END { exit bad || seen < 38 }'
}
check "data calls take at most 256 bytes of stack, those that open and close 400" stack_use 1G
check "so do they when the spool is full" stack_use 100K

check "RLIMIT_FSIZE: no SIGXFSZ" limited 'ulimit -f 100' "$programs/talk"
check "RLIMIT_FSIZE 0" limited 'ulimit -f 0' "$programs/talk"
check "RLIMIT_AS" limited 'ulimit -v 30000' "$programs/talk"
check "RLIMIT_AS, no room for a spool" limited 'ulimit -v 6000' "$programs/talk"
for moment in before after prlimit syscall; do
	check "RLIMIT_AS set by the program itself: $moment" recorded SOCKLIFE_SPOOL_MAX=1G -- "$programs/address_space" $moment
done
for moment in early late; do
	for case in nofile few fsize memlock future data nproc stack fork; do
		check "a program limits itself: $case, $moment" same SOCKLIFE_SPOOL_MAX=1G -- "$programs/limits" $case $moment
	done
done
check "RLIMIT_FSIZE 0: no spool, and it is said" said no_spool bash -c 'ulimit -f 0; exec "$@"' bash "$programs/talk" 1
check "RLIMIT_NOFILE 3: no spool, and it is said" said no_spool "$programs/limits" nofile early
check "a spool that comes late counts what it missed" said dropped "$programs/limits" few early
check "RLIMIT_NOFILE 4: no socket beyond one" limited 'ulimit -n 4' "$programs/talk" 1
check "RLIMIT_NOFILE 6" limited 'ulimit -n 6' "$programs/talk" 3
check "RLIMIT_STACK" limited 'ulimit -s 64' "$programs/talk"
check "RLIMIT_MEMLOCK, RLIMIT_SIGPENDING, RLIMIT_CORE" limited 'ulimit -l 0; ulimit -i 0; ulimit -c 0' "$programs/talk"
check "a spool limit that is too small for anything" recorded SOCKLIFE_SPOOL_MAX=1K -- "$programs/talk" 100
check "no such directory" same SOCKLIFE_DB="$work/none/such/trace.db" -- "$programs/talk"
check "the directory is a file" same SOCKLIFE_DB=/etc/passwd/trace.db -- "$programs/talk"
check "no room in the path" same SOCKLIFE_DB="/$(head -c 5000 /dev/zero | tr '\0' a)" -- "$programs/talk"
check "nonsense in the environment" same SOCKLIFE_SPOOL_MAX=-7x SOCKLIFE_PAYLOAD=99999999999999999999 SOCKLIFE_COLLECTOR=/etc SOCKLIFE_INTERCEPT=? -- "$programs/talk"
check "standard streams closed" limited 'exec 0<&- 3>&1' "$programs/talk"

if [ "$(id -u)" = 0 ]; then
	for case in memlock future nproc fsize; do
		check "a program limits itself as another user: $case" same SOCKLIFE_SPOOL_MAX=1G -- "$programs/limits" $case late 65534
	done
	check "users change while threads send" recorded -- "$programs/processes" users
	check "privileges dropped after the first socket" recorded -- "$programs/talk" 20 65534
	check "privileges dropped before the first socket" same -- "$programs/talk" 20 65534 first
	dropped_first() {
		rm -rf "$work"/run/trace.db*
		LD_PRELOAD=$library SOCKLIFE_COLLECTOR=none SOCKLIFE_DB=$work/run/trace.db "$programs/talk" 1 >/dev/null
		LD_PRELOAD=$library SOCKLIFE_COLLECTOR=none SOCKLIFE_DB=$work/run/trace.db setpriv --reuid 65534 --regid 65534 --clear-groups "$programs/talk" 1 >/dev/null
		find "$work/run/trace.db.spool" -user 65534 -perm 600 | grep -q spool && ! setpriv --reuid 65533 --clear-groups ls "$work/run/trace.db.spool" &&
			! setpriv --reuid 65533 --clear-groups sh -c 'cat "$@" || rm -f "$@"' sh "$work"/run/trace.db.spool/*
	}
	check "other users add spools, and cannot touch those of others" dropped_first
	mkdir "$work/locked" && chmod 700 "$work/locked"
	check "no write permission" same SOCKLIFE_DB="$work/locked/trace.db" -- "$programs/talk" 20 65534 first
	given_up() {
		"$BUILD/socklife" run -q -o "$work/locked/given.db" python3 -c "import ctypes, socket; ctypes.CDLL(None).$1(65534); socket.socket()" &&
			[ "$("$BUILD/socklife" query --csv "$work/locked/given.db" "SELECT count(*) > 0 FROM socket" | tail -n 1)" = 1 ]
	}
	check "the effective user given up before the first socket" given_up seteuid
	check "the user for files given up before the first socket" given_up setfsuid
	cp "$programs/talk" "$work/setuid" && chown 65534 "$work/setuid" && chmod 4755 "$work/setuid"
	untraced_setuid() {
		same -- setpriv --reuid 65533 --regid 65533 --clear-groups "$work/setuid" &&
			[ "$(ls "$work/run/trace.db.spool" 2>/dev/null | wc -l)" -le 1 ]
	}
	# One may be there: that of setpriv, which is traced when it asks nscd for names.
	check "a setuid program is not traced" untraced_setuid
	# The collector shares the group's 40 MB with the program: neither may die of it, and every call is there.
	group=/sys/fs/cgroup/memory/socklife-test-$$
	if mkdir "$group" 2>/dev/null && echo 40M >"$group/memory.limit_in_bytes"; then
		in_group() {
			bash -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$group" "$BUILD/socklife" run -q -o "$work/group.db" "$programs/count" "$work/group.counts" 2 1500 &&
				[ "$(sqlite3 "$work/group.db" "SELECT count(*) FROM call WHERE result IS NOT NULL")" -ge $((2 * 1500 * 131)) ]
		}
		check "a memory group of 40 MB" in_group
		rmdir "$group" 2>/dev/null
	else
		skip "a memory group" "no memory controller that is ours to use"
	fi
	if unshare -m true 2>/dev/null; then
		check "no /proc" same -- unshare -m sh -c 'umount -l /proc; exec "$@"' sh "$programs/talk"
		check "a file system mounted read-only" same SOCKLIFE_DB=/mnt/trace.db -- \
			unshare -m sh -c 'mount -t tmpfs -o ro none /mnt; exec "$@"' sh "$programs/talk"
		for kind in tmpfs ext4; do
			for size in 32 300 1500; do
				full() {
					same SOCKLIFE_DB=/mnt/trace.db SOCKLIFE_SPOOL_MAX=32M -- unshare -m bash -c '
						kind=$1 size=$2 image=$3; shift 3
						if [ $kind = tmpfs ]; then mount -t tmpfs -o size=${size}k none /mnt
						else
							truncate -s 8M $image && mkfs.ext4 -q -O ^has_journal $image && mount -o loop $image /mnt || exit 77
							free=$(df --output=avail -k /mnt | tail -n 1)
							dd if=/dev/zero of=/mnt/fill bs=1k count=$((free - size)) 2>/dev/null
						fi
						exec "$@"' bash $kind $size "$work/image" "$programs/talk" 400
				}
				if [ $kind = tmpfs ] || { truncate -s 8M "$work/image" && mkfs.ext4 -q "$work/image" 2>/dev/null &&
					unshare -m mount -o loop "$work/image" /mnt 2>/dev/null; }; then
					check "a full $kind, $size KB left: no SIGBUS" full
				else
					skip "a full $kind, $size KB left" "no loop device here"
				fi
			done
		done
	else
		skip "mounts" "no mount namespace here"
	fi
	mkdir -p "$work/root" && cp --parents $(ldd "$programs/talk" | grep -o '/[^ ]*') "$programs/talk" "$library" "$work/root" &&
		check "chroot, with the library inside" same SOCKLIFE_DB=/nowhere/trace.db -- chroot "$work/root" "$programs/talk"
	chrooted() {
		mkdir -p "$work/root/tmp" && same SOCKLIFE_DB=/tmp/trace.db -- chroot "$work/root" "$programs/talk" &&
			[ -n "$(ls "$work/root/tmp/trace.db.spool")" ]
	}
	check "chroot, recorded inside" chrooted
	check "chroot without the directory of the spools: it is said" said untraceable chroot "$work/root" "$programs/talk"
	chmod 700 "$work"
	check "another user who cannot reach that directory: it is said" said untraceable setpriv --reuid 65534 --regid 65534 --clear-groups bash -c true
	still_recorded() {
		"$BUILD/socklife" run -q -o "$work/own.db" "$programs/talk" 3 65534 first >/dev/null && [ "$(sqlite3 "$work/own.db" "SELECT count(*) FROM socket")" -gt 15 ]
	}
	check "who gives up rights itself has its spool before" still_recorded
	chmod 755 "$work"
else
	skip "privileges, mounts, chroot" "needs root"
fi
finish
