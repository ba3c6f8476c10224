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
	timeout -k 5 100 "$@" 2>&1 </dev/null | cat >"$work/plain"
	plain_status=${PIPESTATUS[0]}
	timeout -k 5 100 env LD_PRELOAD="$library" SOCKLIFE_DB="$work/run/trace.db" SOCKLIFE_COLLECTOR=none SOCKLIFE_SPOOL_MAX=64M \
		"${settings[@]}" "$@" 2>&1 </dev/null | cat >"$work/traced"
	traced_status=${PIPESTATUS[0]}
	[ $plain_status = $traced_status ] || echo "status $plain_status untraced, $traced_status traced"
	# What was compared is no accident: the program got as far as saying something.
	[ -s "$work/plain" ] || { echo "no output"; return 1; }
	diff "$work/plain" "$work/traced" | head -n 10
	cmp -s "$work/plain" "$work/traced" && [ $plain_status = $traced_status ]
}

recorded() { same "$@" && [ -n "$(ls "$work/run/trace.db.spool" 2>/dev/null)" ]; }

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
check "forks, clones and threads at work keep exact sums" recorded -- "$programs/threads"
for mode in strict filter syscall errno; do
	for moment in first then thread fork child exec probe; do
		check "seccomp: $mode, $moment" same SOCKLIFE_SPOOL_MAX=1M -- "$programs/seccomp" $mode $moment
	done
done

stack_use() {
	local run
	for run in plain traced; do
		if [ $run = plain ]; then "$programs/stack"; else
			LD_PRELOAD=$library SOCKLIFE_DB=$work/run/trace.db SOCKLIFE_COLLECTOR=none "$programs/stack"
		fi >"$work/stack.$run" || return 1
	done
	paste "$work/stack.plain" "$work/stack.traced" | awk '
		{ extra = $4 - $2; limit = 256 }
		$1 ~ /^(close|close_dup|socket|bind|connect|accept|getsockname)$/ { limit = 400 }
		/failed/ { print; bad = 1 }
		{ seen++ }
		extra >= limit { print $1 " takes " extra " bytes more, limit " limit; bad = 1 }
		END { exit bad || seen < 36 }'
}
check "data calls take under 256 bytes of stack, those that open and close under 400" stack_use

check "RLIMIT_FSIZE: no SIGXFSZ" limited 'ulimit -f 100' "$programs/talk"
check "RLIMIT_FSIZE 0" limited 'ulimit -f 0' "$programs/talk"
check "RLIMIT_AS" limited 'ulimit -v 30000' "$programs/talk"
check "RLIMIT_AS, no room for a spool" limited 'ulimit -v 6000' "$programs/talk"
for moment in before after prlimit syscall; do
	check "RLIMIT_AS set by the program itself: $moment" recorded SOCKLIFE_SPOOL_MAX=1G -- "$programs/address_space" $moment
done
check "RLIMIT_NOFILE 4: no socket beyond one" limited 'ulimit -n 4' "$programs/talk" 1
check "RLIMIT_NOFILE 6" limited 'ulimit -n 6' "$programs/talk" 3
check "RLIMIT_STACK" limited 'ulimit -s 64' "$programs/talk"
check "RLIMIT_MEMLOCK, RLIMIT_SIGPENDING, RLIMIT_CORE" limited 'ulimit -l 0; ulimit -i 0; ulimit -c 0' "$programs/talk"
check "a spool limit that is too small for anything" recorded SOCKLIFE_SPOOL_MAX=1K -- "$programs/talk" 100
check "no such directory" same SOCKLIFE_DB="$work/none/such/trace.db" -- "$programs/talk"
check "the directory is a file" same SOCKLIFE_DB=/etc/passwd -- "$programs/talk"
check "no room in the path" same SOCKLIFE_DB="/$(head -c 5000 /dev/zero | tr '\0' a)" -- "$programs/talk"
check "nonsense in the environment" same SOCKLIFE_SPOOL_MAX=-7x SOCKLIFE_PAYLOAD=99999999999999999999 SOCKLIFE_COLLECTOR=/etc SOCKLIFE_INTERCEPT=? -- "$programs/talk"
check "standard streams closed" limited 'exec 0<&- 3>&1' "$programs/talk"

if [ "$(id -u)" = 0 ]; then
	check "privileges dropped after the first socket" recorded -- "$programs/talk" 20 65534
	check "privileges dropped before the first socket" same -- "$programs/talk" 20 65534 first
	dropped_first() {
		LD_PRELOAD=$library SOCKLIFE_COLLECTOR=none SOCKLIFE_DB=$work/run/trace.db "$programs/talk" 1 >/dev/null
		LD_PRELOAD=$library SOCKLIFE_COLLECTOR=none SOCKLIFE_DB=$work/run/trace.db "$programs/talk" 1 65534 first >/dev/null
		find "$work/run/trace.db.spool" -user 65534 -perm 600 | grep -q spool && ! setpriv --reuid 65533 --clear-groups ls "$work/run/trace.db.spool" &&
			! setpriv --reuid 65533 --clear-groups sh -c 'cat "$1"/* || rm -f "$1"/*' sh "$work/run/trace.db.spool"
	}
	check "other users add spools, and cannot touch those of others" dropped_first
	mkdir "$work/locked" && chmod 700 "$work/locked"
	check "no write permission" same SOCKLIFE_DB="$work/locked/trace.db" -- "$programs/talk" 20 65534 first
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
else
	skip "privileges, mounts, chroot" "needs root"
fi
finish
