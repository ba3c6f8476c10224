#!/bin/bash
# family.sh DIRECTORY: one chat server on a free port, and three clients: mom, dad and lisa. DIRECTORY holds the four programs: chat (the server), mom, dad, lisa.
set -eu
programs=$1
coproc server { exec "$programs/chat"; }
server_process=$server_PID
read -r port <&"${server[0]}"

guest() { "$programs/$1" "$port" "$1" | sed "s/^/($1 reads)  /"; }
{ sleep 0.3; echo "dinner is ready"; sleep 0.5; } | guest mom &
mom=$!
{ sleep 0.4; echo "coming!"; sleep 0.5; } | guest dad &
dad=$!
{ sleep 0.5; echo "what is it?"; sleep 0.5; } | guest lisa &
lisa=$!
wait $mom $dad $lisa "$server_process"
