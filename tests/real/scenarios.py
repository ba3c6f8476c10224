"""
scenarios.py: the scenarios of the campaign, and those of scenarios_further.py and scenarios_more.py. What a scenario is: scenario.py.
"""
import scenarios_further
import scenarios_more
from scenario import Scenario

PYTHON_THREADED = r"""
cat > server.py <<'PY'
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header('Content-Length', '5'); self.end_headers(); self.wfile.write(b'hello')
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
PY
later /usr/bin/python3 server.py
up $PORT
for i in $(seq 20); do curl -s http://127.0.0.1:$PORT/ & clients[$i]=$!; done
wait "${clients[@]}"
"""

ALL = [
    Scenario("curl-python", "curl against python's http.server", "curl /usr/bin/python3", r"""
mkdir www; echo 'hello, socket' > www/index.html
later /usr/bin/python3 -m http.server --bind 127.0.0.1 --directory www $PORT
up $PORT
curl -s http://127.0.0.1:$PORT/ | grep hello
curl -s -o /dev/null http://127.0.0.1:$PORT/none
""", expect=(
        "SELECT count(*) = 1 FROM lifecycle WHERE role = 'listener' AND program LIKE 'python3%'",
        "SELECT count(*) = 2 FROM lifecycle WHERE role = 'client' AND program = 'curl' AND protocol = 'tcp' AND state = 'closed' AND how_ended = 'close'",
        "SELECT count(*) = 2 FROM connection WHERE client_program = 'curl' AND server_program LIKE 'python3%'",
        "SELECT min(received_bytes > 14 AND sent_bytes > 50) FROM lifecycle WHERE role = 'client' AND program = 'curl' AND protocol = 'tcp'",
    ), bounded=True),
    Scenario("nginx", "nginx with two workers under ab", "nginx ab curl", r"""
mkdir -p logs; echo ok > index.html; chmod 777 . logs
cat > nginx.conf <<CONF
daemon off; worker_processes 2; pid nginx.pid; error_log logs/error.log;
events { worker_connections 512; }
http { access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server { listen 127.0.0.1:$PORT; root $PWD; location /p/ { proxy_pass http://127.0.0.1:$PORT/; } } }
CONF
nginx -p $PWD -c nginx.conf -e logs/error.log & nginx=$!
up $PORT
ab -q -k -n 200 -c 8 http://127.0.0.1:$PORT/index.html | grep 'Complete requests:.*200'
ab -q -n 50 -c 4 http://127.0.0.1:$PORT/p/index.html | grep 'Complete requests:.*50'
kill -QUIT $nginx; wait $nginx
""", expect=(
        "SELECT count(*) = 1 FROM lifecycle WHERE role = 'listener' AND program = 'nginx'",
        "SELECT count(*) >= 58 FROM lifecycle WHERE role = 'accepted' AND program = 'nginx' AND parent_id IS NOT NULL",
        "SELECT count(*) = 0 FROM lifecycle WHERE role = 'accepted' AND program = 'nginx' AND state <> 'closed'",
        "SELECT count(DISTINCT s.process_id) >= 3 FROM span s JOIN lifecycle l USING (socket_id) WHERE l.role = 'listener' AND l.program = 'nginx'",
    ), bounded=True),
    Scenario("redis", "redis-server under redis-benchmark", "redis-server redis-benchmark redis-cli", r"""
redis-server --port $PORT --bind 127.0.0.1 --save '' --daemonize no > redis.log & redis=$!
up $PORT
redis-benchmark -p $PORT -n 2000 -c 10 -t set,get -q
redis-cli -p $PORT shutdown nosave || true
wait $redis
""", expect=(
        "SELECT count(*) >= 10 FROM connection WHERE client_program = 'redis-benchmark' AND server_program LIKE 'redis-%'",
        "SELECT sum(c.sent_bytes) = sum(s.received_bytes) FROM connection k JOIN lifecycle c ON c.socket_id = k.client_id JOIN lifecycle s ON s.socket_id = k.server_id WHERE k.client_program = 'redis-benchmark'",
    ), bounded=True),
    Scenario("python-threads", "a threaded python server, twenty clients at once", "/usr/bin/python3 curl", PYTHON_THREADED, expect=(
        "SELECT count(*) = 20 FROM connection WHERE client_program = 'curl' AND server_program LIKE 'python3%'",
        "SELECT count(DISTINCT tid) >= 20 FROM timeline t JOIN lifecycle l USING (socket_id) WHERE l.role = 'accepted' AND t.call = 'sendto' OR t.call = 'send'",
    ), bounded=True),
    Scenario("node", "node client and server", "node", r"""
cat > pair.js <<'JS'
const http = require('http');
const server = http.createServer((q, r) => { r.end('hello ' + q.url); });
server.listen(0, '127.0.0.1', () => {
  let left = 5;
  const agent = new http.Agent({keepAlive: true});
  for (let i = 0; i < 5; i++)
    http.get({port: server.address().port, host: '127.0.0.1', path: '/' + i, agent}, r => { r.resume(); r.on('end', () => { if (!--left) { agent.destroy(); server.close(); } }); });
});
JS
node pair.js
""", expect=(
        "SELECT count(*) = 5 FROM connection WHERE client_program = 'node' AND server_program = 'node'",
        "SELECT count(*) = 0 FROM lifecycle WHERE role IN ('client', 'accepted') AND protocol = 'tcp' AND state <> 'closed'",
    ), bounded=True),
    Scenario("git", "git clone over git://", "git", r"""
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git init -q --bare r.git; git init -q w; echo text > w/f; git -C w add f; git -C w commit -qm one; git -C w push -q $PWD/r.git HEAD:refs/heads/main
git -C r.git symbolic-ref HEAD refs/heads/main
later git daemon --export-all --base-path=$PWD --listen=127.0.0.1 --port=$PORT --reuseaddr --pid-file=$PWD/daemon.pid
up $PORT
git clone -q git://127.0.0.1:$PORT/r.git copy
grep text copy/f
kill $(cat daemon.pid) || true
""", expect=(
        "SELECT count(*) >= 1 FROM connection c JOIN lifecycle l ON l.socket_id = c.client_id WHERE l.program = 'git' AND l.received_bytes > 100",
    ), bounded=True),
    Scenario("ssh", "sshd and ssh with a key of its own", "sshd ssh ssh-keygen", r"""
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f key; chmod 700 .
cat > sshd_config <<CONF
Port $PORT
ListenAddress 127.0.0.1
HostKey $PWD/host
AuthorizedKeysFile $PWD/key.pub
PidFile none
StrictModes no
UsePAM no
CONF
later /usr/sbin/sshd -D -e -f sshd_config
up $PORT
ssh -p $PORT -i key -o StrictHostKeyChecking=no -o UserKnownHostsFile=$PWD/known -o BatchMode=yes $(id -un)@127.0.0.1 'echo from afar' | grep 'from afar'
""", expect=(
        "SELECT count(*) >= 1 FROM connection WHERE client_program = 'ssh' AND server_program LIKE 'sshd%'",
    ), bounded=True),
    Scenario("wget", "wget against python's http.server", "wget /usr/bin/python3", r"""
mkdir www; head -c 300000 /dev/zero > www/big
later /usr/bin/python3 -m http.server --bind 127.0.0.1 --directory www $PORT
up $PORT
wget -q -O got http://127.0.0.1:$PORT/big; cmp got www/big
wget -q -O got http://localhost:$PORT/big; cmp got www/big
"""),
    Scenario("curl-https", "curl against openssl s_server", "curl openssl", r"""
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
later openssl s_server -quiet -accept 127.0.0.1:$PORT -key key.pem -cert cert.pem -www
up $PORT
curl -sk https://127.0.0.1:$PORT/ | grep -i s_server
"""),
    Scenario("python-asyncio", "python asyncio, streams and datagrams", "/usr/bin/python3", r"""
/usr/bin/python3 - <<'PY'
import asyncio, socket
async def serve(r, w):
    w.write((await r.readline()).upper()); await w.drain(); w.close()
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    async def one(i):
        r, w = await asyncio.open_connection('127.0.0.1', port)
        w.write(b'hello %d\n' % i); await w.drain()
        assert (await r.readline()).startswith(b'HELLO'); w.close()
    await asyncio.gather(*[one(i) for i in range(10)])
    loop = asyncio.get_running_loop()
    got = loop.create_future()
    class P(asyncio.DatagramProtocol):
        def datagram_received(self, data, addr): got.done() or got.set_result(data)
    t, _ = await loop.create_datagram_endpoint(P, local_addr=('127.0.0.1', 0))
    c, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=t.get_extra_info('sockname'))
    c.sendto(b'x'); await got; c.close(); t.close(); server.close(); await server.wait_closed()
asyncio.run(main())
PY
"""),
    Scenario("python-multiprocessing", "python multiprocessing passing sockets between processes", "/usr/bin/python3", r"""
cat > mp.py <<'PY'
import multiprocessing as mp, socket
from multiprocessing import reduction
def worker(pipe):
    s = pipe.recv(); s.sendall(b'from the child'); s.close()
    with socket.socket(fileno=reduction.recv_handle(pipe)) as t: t.sendall(b'again')
if __name__ == '__main__':
    for method in ('fork', 'spawn', 'forkserver'):
        context = mp.get_context(method)
        ours, theirs = context.Pipe()
        p = context.Process(target=worker, args=(theirs,)); p.start()
        a, b = socket.socketpair(); ours.send(b)
        assert a.recv(100) == b'from the child'
        reduction.send_handle(ours, b.fileno(), p.pid)
        assert a.recv(100) == b'again'
        p.join(); a.close(); b.close()
PY
/usr/bin/python3 mp.py
"""),
    Scenario("java", "java threads, client and server", "java javac", r"""
cat > Pair.java <<'JAVA'
import java.net.*; import java.io.*;
public class Pair { public static void main(String[] a) throws Exception {
  ServerSocket l = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  Thread t = new Thread(() -> { try { for (int i = 0; i < 5; i++) { Socket s = l.accept(); s.getOutputStream().write(s.getInputStream().read()); s.close(); } } catch (IOException e) { throw new RuntimeException(e); } });
  t.start();
  for (int i = 0; i < 5; i++) { Socket s = new Socket(l.getInetAddress(), l.getLocalPort()); s.getOutputStream().write(7); if (s.getInputStream().read() != 7) System.exit(3); s.close(); }
  t.join(); l.close(); } }
JAVA
java -XX:-UsePerfData Pair.java
""", limit=240),
    Scenario("perl", "perl IO::Socket, forking server", "perl", r"""
perl -MIO::Socket::INET -e '
my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die;
my $port = $l->sockport;
for my $i (1..3) {
  my $pid = fork;
  if (!$pid) { my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) or die; print $s "line $i\n"; $s->flush; my $r = <$s>; exit($r =~ /LINE/ ? 0 : 1); }
  my $c = $l->accept; my $x = <$c>; print $c uc $x; close $c; waitpid $pid, 0; die if $?;
}'
"""),
    Scenario("ruby", "ruby sockets and threads", "ruby", r"""
ruby -rsocket -e '
l = TCPServer.new("127.0.0.1", 0)
t = Thread.new { 3.times { c = l.accept; c.write(c.gets.upcase); c.close } }
3.times { s = TCPSocket.new("127.0.0.1", l.addr[1]); s.puts "hello"; raise unless s.gets == "HELLO\n"; s.close }
t.join
a, b = UNIXSocket.pair; a.send_io(STDOUT); b.recv_io.close'
"""),
    Scenario("memcached", "memcached through bash's /dev/tcp and perl", "memcached perl", r"""
later memcached -u $(id -un) -l 127.0.0.1 -p $PORT -U 0
up $PORT
exec 8<>/dev/tcp/127.0.0.1/$PORT
printf 'set k 0 0 5\r\nhello\r\nget k\r\nquit\r\n' >&8
cat <&8 | grep hello
"""),
    Scenario("haproxy", "haproxy in front of python's http.server", "haproxy curl /usr/bin/python3", r"""
mkdir www; echo ok > www/index.html
cat > ha.cfg <<CONF
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend f
  bind 127.0.0.1:$PORT
  default_backend b
backend b
  server s 127.0.0.1:$PORT2
CONF
later /usr/bin/python3 -m http.server --bind 127.0.0.1 --directory www $PORT2
up $PORT2
later haproxy -db -f ha.cfg
up $PORT
for i in 1 2 3; do curl -s http://127.0.0.1:$PORT/ | grep ok; done
"""),
    Scenario("postgres", "postgres and psql", "psql runuser", r"""
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
chmod 777 .; mkdir data; chown postgres data
runuser -u postgres -- env PATH=$PATH $bin/initdb -D $PWD/data -A trust >/dev/null
runuser -u postgres -- env PATH=$PATH $bin/postgres -D $PWD/data -p $PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=$PWD 2>pg.log & pg=$!
up $PORT
for i in $(seq 100); do psql -h 127.0.0.1 -p $PORT -U postgres -c 'select 1' >/dev/null 2>&1 && break; sleep 0.1; done
psql -h 127.0.0.1 -p $PORT -U postgres -Atc "select 'seen ' || 6*7" | grep 'seen 42'
psql -h $PWD -p $PORT -U postgres -Atc "select count(*) from pg_class" >/dev/null
kill -INT $(head -n 1 data/postmaster.pid); wait $pg || true
""", limit=240),
    Scenario("rsync", "rsync daemon", "rsync", r"""
mkdir from to; head -c 100000 /dev/urandom > from/file
printf 'pid file = %s/rsync.pid\nuse chroot = no\n[m]\n path = %s/from\n' $PWD $PWD > rsyncd.conf
later rsync --daemon --no-detach --address=127.0.0.1 --port=$PORT --config=rsyncd.conf
up $PORT
rsync -a rsync://127.0.0.1:$PORT/m/ to/
cmp from/file to/file
"""),
    Scenario("apache", "apache with its event workers", "apache2 curl ab", r"""
chmod 777 .; mkdir www; echo ok > www/index.html
cat > httpd.conf <<CONF
ServerName localhost
ServerRoot $PWD
PidFile $PWD/apache.pid
Listen 127.0.0.1:$PORT
ErrorLog $PWD/error.log
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
User www-data
Group www-data
DocumentRoot $PWD/www
<Directory $PWD/www>
Require all granted
</Directory>
CONF
apache2 -f $PWD/httpd.conf -DFOREGROUND & apache=$!
up $PORT
ab -q -n 50 -c 5 http://127.0.0.1:$PORT/index.html | grep 'Complete requests:.*50'
kill -WINCH $apache; wait $apache || true
"""),
    Scenario("stunnel", "stunnel in front of socat", "stunnel4 socat openssl", r"""
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
cat key.pem cert.pem > both.pem
printf 'foreground = yes\npid =\ncert = %s/both.pem\n[e]\naccept = 127.0.0.1:%s\nconnect = 127.0.0.1:%s\n' $PWD $PORT $PORT2 > st.conf
later socat TCP-LISTEN:$PORT2,bind=127.0.0.1,fork,reuseaddr EXEC:cat
up $PORT2
later stunnel4 st.conf
up $PORT
echo hello | timeout 10 socat -t2 - OPENSSL:127.0.0.1:$PORT,verify=0 | grep hello
"""),
    Scenario("socat", "socat: tcp to unix, datagrams", "socat", r"""
later socat UNIX-LISTEN:$PWD/u,fork EXEC:cat
for i in $(seq 200); do grep -q "00010000 .* $PWD/u\$" /proc/net/unix && break; sleep 0.05; done
later socat TCP-LISTEN:$PORT,bind=127.0.0.1,fork,reuseaddr UNIX-CONNECT:$PWD/u
up $PORT
echo hello | socat -t2 - TCP:127.0.0.1:$PORT | grep hello
later socat -u UDP-RECV:$PORT2,bind=127.0.0.1 CREATE:got
for i in $(seq 50); do echo datagram | socat -u - UDP-SENDTO:127.0.0.1:$PORT2; grep -q datagram got 2>/dev/null && break; sleep 0.1; done
grep datagram got
"""),
    Scenario("nc", "netcat", "nc.openbsd", r"""
nc.openbsd -l 127.0.0.1 $PORT > got & server=$!
for i in $(seq 100); do echo hello | nc.openbsd -N 127.0.0.1 $PORT && break; sleep 0.05; done
wait $server
grep hello got
"""),
    Scenario("resolver", "getent and dig: names looked up inside libc", "getent dig", r"""
getent hosts localhost
getent ahosts ip6-localhost || true
later /usr/bin/python3 -c '
import socket, struct, os
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", int(os.environ["PORT"]))); open("ready", "w").close()
while True:
    q, a = s.recvfrom(512)
    s.sendto(q[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + q[12:].split(b"\0\0\1\0\1")[0] + b"\0\0\1\0\1" + b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x7f\0\0\5", a)'
appears ready
dig +short +time=2 +tries=1 @127.0.0.1 -p $PORT example.test | grep 127.0.0.5
"""),
    Scenario("bash-tcp", "bash's own /dev/tcp", "/usr/bin/python3", r"""
mkdir www; echo ok > www/index.html
later /usr/bin/python3 -m http.server --bind 127.0.0.1 --directory www $PORT
up $PORT
exec 8<>/dev/tcp/127.0.0.1/$PORT
printf 'GET /index.html HTTP/1.0\r\n\r\n' >&8
cat <&8 | grep ok
exec 8>&-
"""),
    Scenario("dbus", "a private dbus daemon", "dbus-daemon dbus-send", r"""
later dbus-daemon --session --address=unix:path=$PWD/bus --nofork --print-address=1
appears bus
DBUS_SESSION_BUS_ADDRESS=unix:path=$PWD/bus dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames | grep org.freedesktop.DBus
"""),
    Scenario("iperf3", "iperf3, one second", "iperf3", r"""
later iperf3 -s -B 127.0.0.1 -p $PORT --logfile log
for i in $(seq 100); do grep -q listening log 2>/dev/null && break; sleep 0.05; done
iperf3 -c 127.0.0.1 -p $PORT -n 5M >/dev/null
""", limit=240),
    Scenario("stress-ng", "stress-ng's socket stressors, bounded by operations", "stress-ng", r"""
stress-ng --sock 1 --sock-ops 50 --sock-port $PORT --timeout 30s -q
stress-ng --sockpair 1 --sockpair-ops 50 --timeout 30s -q
stress-ng --udp 1 --udp-ops 50 --udp-port $PORT2 --timeout 30s -q
stress-ng --sockfd 1 --sockfd-ops 20 --sockfd-port $PORT3 --timeout 30s -q
stress-ng --sockmany 1 --sockmany-ops 1 --timeout 10s -q
""", limit=300),
    Scenario("inetd", "inetd: a server whose socket is its standard input", "inetd nc.openbsd", r"""
echo "127.0.0.1:$PORT stream tcp nowait $(id -un) /bin/cat cat" > inetd.conf
later /usr/sbin/inetd -i $PWD/inetd.conf
up $PORT
echo hello | timeout 10 nc.openbsd -N 127.0.0.1 $PORT | grep hello
"""),
    Scenario("socket-activate", "systemd-socket-activate", "systemd-socket-activate nc.openbsd", r"""
later systemd-socket-activate --inetd -a -l 127.0.0.1:$PORT /bin/cat
up $PORT
echo hello | timeout 10 nc.openbsd -N 127.0.0.1 $PORT | grep hello
"""),
    Scenario("syslog", "logger and libc's syslog over a Unix datagram socket", "/usr/bin/python3 logger", r"""
later /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind("log"); s.recv(999); open("done", "w").close()'
appears log
logger -u $PWD/log hello
appears done
"""),
] + scenarios_further.ALL + scenarios_more.ALL
