#!/bin/bash
# test_dns.sh: name lookups that take long or fail, with a real resolver asking a real name server (programs/name_server.py), in namespaces of
# their own: a loopback device where port 53 is free, and an /etc/resolv.conf that leads there.
. "$(dirname "$0")/../tap.sh"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
socklife=$(realpath "$BUILD/socklife")
touch "$work/resolv.conf"
cat >"$work/client.py" <<'END'
import socket
server = socket.create_server(('127.0.0.1', 0))
try:
	client = socket.create_connection(('slow.example', server.getsockname()[1]))
	client.close()
	server.accept()[0].close()
except OSError as error:
	print(error)
server.close()
END
apart() { unshare -rmn sh -c 'ip link set lo up && mount --bind "$0/resolv.conf" /etc/resolv.conf && exec "$@"' "$work" "$@"; }

# looked_up SECONDS STATUS SENTENCE: with a name server that slow, check's status is STATUS, and it says SENTENCE
looked_up() {
	printf 'nameserver 127.0.0.1\noptions attempts:1 timeout:%s\n' "$([ "$1" = never ] && echo 1 || echo 20)" >"$work/resolv.conf"
	apart timeout 60 python3 tests/problems/programs/name_server.py "$1" "$socklife" run -o "$work/dns.db" -- python3 "$work/client.py" >"$work/log" 2>&1 || { cat "$work/log"; return 1; }
	"$socklife" check --width=200 "$work/dns.db" >"$work/out" 2>&1
	[ $? = "$2" ] && grep -Eq "$3" "$work/out" && return 0
	cat "$work/log" "$work/out"
	return 1
}

# One that needs a name server at all.
if ! grep -q '^hosts:.*dns' /etc/nsswitch.conf || ! apart true 2>/dev/null; then
	skip "a slow name server" "namespaces cannot be made here, or names are not asked for by DNS"
	finish
	exit
fi
check "a slow name server: how long, and for which connection" looked_up 0.8 1 'looking up slow.example took (0\.[89]|[1-9]).* s, its connect [0-9.]+ m?s'
check "a quick one: nothing to report" looked_up 0 0 'nothing found|0 warnings'
check "one that never answers" looked_up never 1 'the name slow.example could not be looked up: .*, after [1-9]'
finish
