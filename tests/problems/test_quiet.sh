#!/bin/bash
# test_quiet.sh: well-known servers under load, stopped orderly, are no problem: no finding of severity error, in nginx, redis, postgres,
# python's http.server, node, haproxy and memcached. False alarms are worse than silence.
. "$(dirname "$0")/../tap.sh"

work=$(mktemp -d) || exit 1
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
# Below the ports that the kernel gives to clients, and free now: an ephemeral port of another suite would be in a server's way.
port=$((11000 + $$ % 20000))
taken() { for offset in 0 1 2 3 4 5 6; do grep -q "$(printf ':%04X ' $((port + offset)))" /proc/net/tcp && return 0; done; return 1; }
while taken; do
	port=$((11000 + (port - 11000 + 7) % 20000))
done
mkdir "$work/www"
echo hello >"$work/www/index.html"

# up PORT: a script's line that waits until somebody listens there. Seen in /proc: a client that asked too early would be a refused
# connection, and rightly reported.
up() { printf 'for try in $(seq 300); do grep -q ":%04X 00000000:0000 0A" /proc/net/tcp && break; sleep 0.1; done' "$1"; }

have() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }

# quiet NAME: traces $work/NAME.sh; neither check nor the trace itself may have an error
quiet() {
	timeout 100 "$BUILD/socklife" run -o "$work/$1.db" -- bash "$work/$1.sh" >"$work/log" 2>&1 || { echo "the run failed"; cat "$work/log"; return 1; }
	"$BUILD/socklife" check --fail-on=error "$work/$1.db" >"$work/out" 2>&1 && [ "$(sqlite3 "$work/$1.db" 'SELECT count(*) > 20 FROM socket')" = 1 ] && return 0
	cat "$work/out"
	"$BUILD/socklife" ls "$work/$1.db" | head -20
	return 1
}

cat >"$work/nginx.conf" <<END
worker_processes 2; error_log $work/error.log; pid $work/nginx.pid; daemon off;
events { worker_connections 512; }
http { access_log off; client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
server { listen 127.0.0.1:$port; root $work/www; } }
END
cat >"$work/nginx.sh" <<END
PATH=\$PATH:/usr/sbin
nginx -c $work/nginx.conf & server=\$!
$(up $port)
ab -q -n 1000 -c 20 http://127.0.0.1:$port/ >/dev/null
ab -q -k -n 1000 -c 20 http://127.0.0.1:$port/ >/dev/null
kill -QUIT \$server; wait \$server
END
cat >"$work/redis.sh" <<END
redis-server --port $((port + 1)) --save "" --bind 127.0.0.1 >/dev/null & server=\$!
$(up $((port + 1)))
redis-benchmark -p $((port + 1)) -q -n 2000 -t ping,set >/dev/null
redis-cli -p $((port + 1)) shutdown nosave; wait \$server
END
# postgres runs as no root; the cluster is made beforehand, untraced.
postgres=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
if [ -n "$postgres" ] && mkdir "$work/cluster"; then
	as=
	[ "$(id -u)" = 0 ] && as="setpriv --reuid=postgres --regid=postgres --clear-groups" && chown postgres "$work/cluster"
	(cd / && $as "$postgres/initdb" -D "$work/cluster/data" -A trust >"$work/cluster.log" 2>&1) || postgres=
fi
cat >"$work/postgres.sh" <<END
cd /
$as $postgres/postgres -D $work/cluster/data -p $((port + 3)) -k $work/cluster -c listen_addresses=127.0.0.1 -c fsync=off >/dev/null 2>&1 & server=\$!
$(up $((port + 3)))
for try in \$(seq 100); do $as $postgres/pg_isready -q -h 127.0.0.1 -p $((port + 3)) && break; sleep 0.1; done
$as $postgres/pgbench -h 127.0.0.1 -p $((port + 3)) -i -q postgres
$as $postgres/pgbench -h 127.0.0.1 -p $((port + 3)) -c 4 -t 25 postgres
$as $postgres/pgbench -h $work/cluster -p $((port + 3)) -c 2 -t 5 -C postgres
kill -TERM \$server; wait \$server
END
cat >"$work/python.sh" <<END
cd $work/www
python3 -c "
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ['http.server', '$((port + 2))', '--bind', '127.0.0.1']
runpy.run_module('http.server', run_name='__main__')" >/dev/null 2>&1 & server=\$!
$(up $((port + 2)))
ab -q -n 300 -c 10 http://127.0.0.1:$((port + 2))/ >/dev/null
kill -INT \$server; wait \$server
END
cat >"$work/node.js" <<'END'
const http = require('http');
const server = http.createServer((request, response) => setTimeout(() => response.end('hi'), 1)).listen(0, '127.0.0.1', async () => {
	const port = server.address().port, agent = new http.Agent({ keepAlive: true, maxSockets: 15 });
	const get = () => new Promise(done => http.get({ port, host: '127.0.0.1', agent }, response => { response.resume(); response.on('end', done); }));
	for (let i = 0; i < 20; i++)
		await Promise.all(Array.from({ length: 20 }, get));
	agent.destroy();
	server.close();
});
END
echo "exec node $work/node.js" >"$work/node.sh"

# haproxy in front of nginx: connections that are kept, and one for each request, also by HTTP/1.0.
cat >"$work/haproxy.cfg" <<END
global
	maxconn 200
defaults
	mode http
	timeout connect 5s
	timeout client 5s
	timeout server 5s
listen front
	bind 127.0.0.1:$((port + 5))
	server one 127.0.0.1:$((port + 4)) check inter 200ms
END
sed "s/:$port;/:$((port + 4));/; s/nginx.pid/backend.pid/" <"$work/nginx.conf" >"$work/backend.conf"
cat >"$work/haproxy.sh" <<END
PATH=\$PATH:/usr/sbin
nginx -c $work/backend.conf & backend=\$!
$(up $((port + 4)))
haproxy -db -q -f $work/haproxy.cfg & server=\$!
$(up $((port + 5)))
ab -q -n 1000 -c 20 http://127.0.0.1:$((port + 5))/ >/dev/null
ab -q -k -n 1000 -c 20 http://127.0.0.1:$((port + 5))/ >/dev/null
curl -s -H 'Connection: close' http://127.0.0.1:$((port + 5))/ http://127.0.0.1:$((port + 5))/ >/dev/null
kill -USR1 \$server; wait \$server
kill -QUIT \$backend; wait \$backend
END
cat >"$work/memcached.py" <<'END'
import socket, sys, threading

def work(number):
	with socket.create_connection(('127.0.0.1', int(sys.argv[1]))) as connection, connection.makefile('rb') as answers:
		for i in range(200):
			value = b'v' * (i * 37 % 5000)
			connection.sendall(b'set key%d.%d 0 0 %d\r\n%s\r\n' % (number, i, len(value), value))
			assert answers.readline() == b'STORED\r\n'
			connection.sendall(b'get key%d.%d\r\n' % (number, i))
			assert answers.readline().startswith(b'VALUE') and answers.read(len(value) + 7) == value + b'\r\nEND\r\n'
		if number % 2:
			connection.sendall(b'quit\r\n')

threads = [threading.Thread(target=work, args=(number,)) for number in range(25)]
for thread in threads:
	thread.start()
for thread in threads:
	thread.join()
END
cat >"$work/memcached.sh" <<END
memcached -u $(id -un) -l 127.0.0.1 -p $((port + 6)) -U 0 -t 4 & server=\$!
$(up $((port + 6)))
python3 $work/memcached.py $((port + 6)) && python3 $work/memcached.py $((port + 6)) || exit
kill -TERM \$server; wait \$server
END

try() { if have "$2" && have "$3"; then check "$1 under load is quiet" quiet "$1"; else skip "$1 under load is quiet" "$2 or $3 is not installed"; fi; }

try nginx nginx ab
try redis redis-server redis-benchmark
if [ -n "$postgres" ]; then check "postgres under load is quiet" quiet postgres; else skip "postgres under load is quiet" "it is not installed"; fi
try python python3 ab
try node node node
if have nginx; then try haproxy haproxy ab; else skip "haproxy under load is quiet" "nginx is not installed"; fi
try memcached memcached python3
finish
