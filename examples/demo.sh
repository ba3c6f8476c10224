#!/bin/bash
# demo.sh: what `make demo` shows. Traces the chat server and its three clients, or CMD, and prints their lifecycles.
# Nothing is kept but $BUILD/demo/demo.db, which every command below can be tried on again.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
socklife=$build/socklife
here=$build/demo
database=$here/demo.db
export SHELL=${SHELL:-/bin/sh}  # or bash looks it up, through a socket of its own
mkdir -p "$here"
rm -f "$database"*

# Each command is printed before its output, as one would type it.
show() {
	echo
	echo "\$ socklife $*"
	"$socklife" "$@"
}

if [ -n "${CMD:-}" ]; then
	echo "\$ socklife run -o $database -- $CMD"
	"$socklife" run -o "$database" -- sh -c "$CMD" || echo "(the command's status: $?)"
	show ls "$database"
	first=$("$socklife" query --csv "$database" "SELECT 's' || socket_id FROM lifecycle ORDER BY role IN ('client', 'accepted', 'listener') DESC, calls DESC LIMIT 1" | tail -n +2)
	[ -z "$first" ] || show show "$database" "$first"
	exit
fi

# Programs named as the people, so that the tables below read like the story.
cp "$build/examples/chat_server" "$here/chat"
for name in mom dad lisa; do
	cp "$build/examples/chat_client" "$here/$name"
done

echo "A chat server, and three who talk: mom, dad and lisa."
echo
echo "\$ socklife run -o $database -- bash examples/family.sh $here"
"$socklife" run -o "$database" -- bash examples/family.sh "$here"

show ls "$database"
echo
echo "The server's listener, and the sockets it accepted: one for each guest, all on the listener's port."
show tree "$database"
mom=$("$socklife" query --csv "$database" "SELECT 's' || socket_id FROM lifecycle WHERE program = 'mom' AND role = 'client'" | tail -n 1)
echo
echo "Mom's socket, from its first call to its last: create, connect, exchange, close."
show show "$database" "$mom"
listener=$("$socklife" query --csv "$database" "SELECT 's' || socket_id FROM lifecycle WHERE role = 'listener'" | tail -n 1)
echo
echo "The server's side: create, bind, listen, accept (three times), close."
show show "$database" "$listener"
echo
echo "Now yours: make demo CMD='curl -s http://example.com/', or $socklife run -- PROGRAM"
