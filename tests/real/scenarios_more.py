"""
scenarios_more.py: still further programs: other shells and runtimes, servers that fork and hand over, those that speak over descriptors they were given.
What a scenario is: scenario.py.
"""
from scenario import Scenario

ALL = [
    # Runtimes
    Scenario("gawk", "gawk's /inet, both ends", "gawk", r"""
later gawk -v port=$PORT 'BEGIN { s = "/inet/tcp/" port "/0/0"; while ((s |& getline line) > 0) { print "echo " line |& s; close(s, "to"); break } close(s) }'
for i in $(seq 100); do
	gawk -v port=$PORT 'BEGIN { s = "/inet/tcp/0/127.0.0.1/" port; print "hello" |& s; if ((s |& getline line) <= 0) exit 1; print line; exit line != "echo hello" }' 2>/dev/null && break
	sleep 0.1
done
"""),
    Scenario("mono", "mono: TcpListener and TcpClient with tasks", "mono mcs", r"""
mono program.exe $PORT | grep 'hello 20'
""", prepare=r"""
cat > program.cs <<'CS'
using System; using System.Net; using System.Net.Sockets; using System.Text; using System.Threading.Tasks;
class Program {
  static async Task<int> Talk(int port) {
    using (var client = new TcpClient()) {
      await client.ConnectAsync(IPAddress.Loopback, port);
      var stream = client.GetStream(); var bytes = Encoding.ASCII.GetBytes("hello");
      await stream.WriteAsync(bytes, 0, bytes.Length);
      return await stream.ReadAsync(new byte[99], 0, 99);
    }
  }
  static async Task Serve(TcpListener listener) {
    for (int i = 0; i < 4; i++) {
      var client = await listener.AcceptTcpClientAsync();
      var unused = Task.Run(async () => { var s = client.GetStream(); var b = new byte[99]; int n = await s.ReadAsync(b, 0, 99); await s.WriteAsync(b, 0, n); client.Close(); });
    }
  }
  static void Main(string[] a) {
    int port = int.Parse(a[0]); var listener = new TcpListener(IPAddress.Loopback, port); listener.Start();
    var server = Serve(listener); int sum = 0;
    for (int i = 0; i < 4; i++) sum += Talk(port).Result;
    server.Wait(); listener.Stop(); Console.WriteLine("hello " + sum);
  }
}
CS
mcs program.cs
"""),
    Scenario("ocaml", "ocaml's Unix module, establish_server", "ocaml /usr/bin/python3", r"""
cat > server.ml <<'ML'
#directory "+unix";;
#load "unix.cma";;
let port = int_of_string Sys.argv.(1);;
Unix.establish_server (fun i o -> output_string o (input_line i); flush o) (Unix.ADDR_INET (Unix.inet_addr_loopback, port));;
ML
later ocaml server.ml $PORT
up $PORT
/usr/bin/python3 -c "import socket; s = socket.create_connection(('127.0.0.1', $PORT)); s.sendall(b'hello\n'); print(s.recv(99).decode())" | grep hello
"""),
    Scenario("prolog", "swi-prolog: a thread per client", "swipl", r"""
cat > talk.pl <<'PL'
:- use_module(library(socket)).
serve(S) :- tcp_accept(S, C, _), tcp_open_socket(C, P), read_line_to_string(P, L), format(P, "echo ~s~n", [L]), close(P), tcp_close_socket(S).
main :- current_prolog_flag(argv, [A|_]), atom_number(A, Port), tcp_socket(S), tcp_setopt(S, reuseaddr), tcp_bind(S, localhost:Port), tcp_listen(S, 5),
  thread_create(serve(S), T), tcp_connect(localhost:Port, P, []), format(P, "hello~n", []), flush_output(P), read_line_to_string(P, L), writeln(L), close(P), thread_join(T).
:- initialization((main, halt)).
PL
swipl talk.pl -- $PORT | grep 'echo'
"""),
    Scenario("r", "R: socketConnection to a server of ours", "Rscript /usr/bin/python3", r"""
later /usr/bin/python3 -c "
import socket
s = socket.create_server(('127.0.0.1', $PORT)); open('ready', 'w').close(); c = s.accept()[0]; c.sendall(c.recv(99)); c.close()"
appears ready
Rscript -e "c <- socketConnection('127.0.0.1', $PORT, blocking = TRUE, open = 'r+'); writeLines('hello', c); cat(readLines(c, 1)); close(c)" | grep hello
"""),
    Scenario("sbcl", "sbcl: sb-bsd-sockets in two threads", "sbcl", r"""
cat > talk.lisp <<'LISP'
(require :sb-bsd-sockets) (use-package :sb-bsd-sockets)
(let* ((port (parse-integer (second *posix-argv*))) (s (make-instance 'inet-socket :type :stream :protocol :tcp)))
  (setf (sockopt-reuse-address s) t) (socket-bind s #(127 0 0 1) port) (socket-listen s 5)
  (let ((thread (sb-thread:make-thread (lambda () (let* ((c (socket-accept s)) (x (socket-make-stream c :input t :output t :buffering :full)))
      (write-line (read-line x) x) (finish-output x) (close x)))))
        (c (make-instance 'inet-socket :type :stream :protocol :tcp)))
    (socket-connect c #(127 0 0 1) port)
    (let ((x (socket-make-stream c :input t :output t :buffering :full))) (write-line "hello" x) (finish-output x) (write-line (read-line x)) (close x))
    (sb-thread:join-thread thread) (socket-close s)))
LISP
sbcl --noinform --disable-debugger --load talk.lisp --quit $PORT 2>/dev/null | grep hello || sbcl --script talk.lisp $PORT | grep hello
"""),
    Scenario("racket", "racket: tcp-listen and tcp-connect", "racket", r"""
cat > talk.rkt <<'RKT'
#lang racket/base
(require racket/tcp)
(define port (string->number (vector-ref (current-command-line-arguments) 0)))
(define l (tcp-listen port 4 #t "127.0.0.1"))
(define t (thread (lambda () (let-values ([(i o) (tcp-accept l)]) (write-string (read-line i) o) (close-output-port o) (close-input-port i)))))
(define-values (i o) (tcp-connect "127.0.0.1" port))
(write-string "hello\n" o) (flush-output o) (displayln (read-line i)) (close-output-port o) (close-input-port i) (thread-wait t) (tcp-close l)
RKT
racket talk.rkt $PORT | grep hello
"""),
    Scenario("haskell", "ghc's network library, threaded", "ghc", r"""
./talk $PORT | grep hello
""", prepare=r"""
cat > talk.hs <<'HS'
{-# LANGUAGE OverloadedStrings #-}
import Network.Socket; import Network.Socket.ByteString; import Control.Concurrent; import System.Environment; import qualified Data.ByteString.Char8 as B
main = do
  [p] <- getArgs
  (a:_) <- getAddrInfo (Just defaultHints { addrSocketType = Stream }) (Just "127.0.0.1") (Just p)
  s <- openSocket a; setSocketOption s ReuseAddr 1; bind s (addrAddress a); listen s 5
  done <- newEmptyMVar
  _ <- forkIO $ do { (c, _) <- accept s; m <- recv c 99; sendAll c m; close c; putMVar done () }
  c <- openSocket a; connect c (addrAddress a); sendAll c "hello"; m <- recv c 99; B.putStrLn m; close c; takeMVar done; close s
HS
ghc -v0 -threaded talk.hs
""", limit=180),
    Scenario("uvloop", "python's uvloop: streams and a subprocess", "/usr/lib/python3/dist-packages/uvloop /usr/bin/python3", r"""
cat > talk.py <<'PY'
import asyncio, sys, uvloop
async def serve(reader, writer):
    writer.write(await reader.readline()); await writer.drain(); writer.close()
async def main(port):
    server = await asyncio.start_server(serve, '127.0.0.1', port)
    async def one():
        reader, writer = await asyncio.open_connection('127.0.0.1', port)
        writer.write(b'hello\n'); line = await reader.readline(); writer.close(); return line
    lines = await asyncio.gather(*[one() for _ in range(10)])
    child = await asyncio.create_subprocess_exec('cat', stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate(b'child')
    server.close(); await server.wait_closed(); print(len(lines), out)
uvloop.install()
asyncio.run(main(int(sys.argv[1])))
PY
/usr/bin/python3 talk.py $PORT | grep "10 b'child'"
"""),
    Scenario("grpc", "python's grpc: server and client", "/usr/lib/python3/dist-packages/grpc /usr/bin/python3", r"""
cat > talk.py <<'PY'
import grpc, sys
from concurrent import futures
port = sys.argv[1]
class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        return grpc.unary_unary_rpc_method_handler(lambda request, context: request + b'!')
server = grpc.server(futures.ThreadPoolExecutor(4)); server.add_generic_rpc_handlers((Handler(),)); server.add_insecure_port('127.0.0.1:' + port); server.start()
with grpc.insecure_channel('127.0.0.1:' + port) as channel:
    call = channel.unary_unary('/a/b')
    print(sum(len(call(b'hello')) for _ in range(20)))
server.stop(1).wait()
PY
/usr/bin/python3 talk.py $PORT | grep 120
"""),
    Scenario("zeromq", "python's zmq: request and reply over tcp and ipc", "/usr/lib/python3/dist-packages/zmq /usr/bin/python3", r"""
cat > talk.py <<'PY'
import sys, threading, zmq
context = zmq.Context()
def serve(where):
    s = context.socket(zmq.REP); s.bind(where)
    for _ in range(20): s.send(s.recv())
    s.close()
for where in ('tcp://127.0.0.1:' + sys.argv[1], 'ipc://./pipe'):
    t = threading.Thread(target=serve, args=(where,)); t.start()
    c = context.socket(zmq.REQ); c.connect(where)
    for _ in range(20): c.send(b'hello'); assert c.recv() == b'hello'
    c.close(); t.join()
context.term(); print('done')
PY
/usr/bin/python3 talk.py $PORT | grep done
"""),
    # Servers
    Scenario("gunicorn", "gunicorn: two workers inherit the listener", "gunicorn curl", r"""
printf 'def app(e, s):\n    s("200 OK", [("Content-Length", "5")])\n    return [b"hello"]\n' > app.py
gunicorn --log-level error -w 2 -b 127.0.0.1:$PORT app:app & g=$!
up $PORT
for i in 1 2 3 4 5 6; do curl -s http://127.0.0.1:$PORT/ | grep hello; done
kill -HUP $g; sleep 1
curl -s http://127.0.0.1:$PORT/ | grep hello
kill $g; wait $g || true
"""),
    Scenario("busybox", "busybox: httpd, wget, nc", "busybox", r"""
mkdir www; echo hello > www/index.html
later busybox httpd -f -p 127.0.0.1:$PORT -h www
up $PORT
busybox wget -q -O - http://127.0.0.1:$PORT/ | grep hello
later sh -c "echo over nc | busybox nc -l -p $PORT2 -s 127.0.0.1"
for i in $(seq 50); do busybox nc 127.0.0.1 $PORT2 < /dev/null | grep 'over nc' && break; sleep 0.1; done
"""),
    Scenario("svnserve", "svnserve and svn", "svnserve svn svnadmin", r"""
svnadmin create repository
later svnserve -d --foreground --listen-host 127.0.0.1 --listen-port $PORT -r $PWD
up $PORT
svn --non-interactive checkout -q svn://127.0.0.1:$PORT/repository copy
svn --non-interactive info svn://127.0.0.1:$PORT/repository | grep 'Revision: 0'
"""),
    Scenario("git-daemon", "git daemon and git clone", "git", r"""
git init -q source; (cd source; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first)
later git daemon --reuseaddr --export-all --base-path=$PWD --listen=127.0.0.1 --port=$PORT $PWD
up $PORT
git clone -q git://127.0.0.1:$PORT/source copy
git -C copy log --oneline | grep first
"""),
    Scenario("dropbear", "dropbear and dbclient", "dropbear dbclient dropbearkey", r"""
dropbearkey -t ed25519 -f host >/dev/null 2>&1
dropbearkey -t ed25519 -f id >/dev/null 2>&1
mkdir -p .ssh; chmod 700 . .ssh; dropbearkey -y -f id | grep ^ssh > .ssh/authorized_keys
later dropbear -F -E -s -r host -p 127.0.0.1:$PORT
up $PORT
dbclient -y -y -i id -p $PORT $(id -un)@127.0.0.1 echo hello </dev/null 2>log || cat log
"""),
    Scenario("tinyproxy", "curl through tinyproxy", "tinyproxy curl /usr/bin/python3", r"""
mkdir www; echo hello > www/index.html
later /usr/bin/python3 -m http.server --bind 127.0.0.1 --directory www $PORT2
up $PORT2
printf 'Port %s\nListen 127.0.0.1\nTimeout 20\nAllow 127.0.0.1\n' $PORT > proxy.conf
later tinyproxy -d -c proxy.conf
up $PORT
curl -s -x http://127.0.0.1:$PORT http://127.0.0.1:$PORT2/ | grep hello
"""),
    Scenario("samba", "smbd and smbclient", "smbd smbclient", r"""
mkdir -p share state; echo hello > share/file; chmod -R 777 share
cat > smb.conf <<CONF
[global]
smb ports = $PORT
interfaces = lo
bind interfaces only = yes
map to guest = bad user
guest account = $(id -un)
server role = standalone server
disable netbios = yes
load printers = no
printcap name = /dev/null
log level = 0
pid directory = $PWD/state
lock directory = $PWD/state
state directory = $PWD/state
cache directory = $PWD/state
private dir = $PWD/state
ncalrpc dir = $PWD/state
[share]
path = $PWD/share
guest ok = yes
CONF
later setsid smbd -F --no-process-group -s smb.conf -l $PWD/state
up $PORT
smbclient -s smb.conf -p $PORT -N //127.0.0.1/share -c 'get file got' || true
sleep 1
"""),
    Scenario("distcc", "distccd and distcc", "distccd distcc gcc", r"""
echo 'int main(void) { return 0; }' > a.c
chmod 777 .
later distccd --no-detach --daemon --make-me-a-botnet --allow 127.0.0.1 --listen 127.0.0.1 -p $PORT --log-file=$PWD/log --jobs 2 --user nobody --enable-tcp-insecure
up $PORT
DISTCC_HOSTS=127.0.0.1:$PORT DISTCC_DIR=$PWD/.distcc distcc gcc -c a.c -o a.o
[ -s a.o ]
"""),
    Scenario("lftp", "lftp and an ftp server, over two connections", "lftp vsftpd", r"""
mkdir -p root/pub empty; echo hello > root/pub/file; chmod a-w root
cat > ftp.conf <<CONF
listen=YES
listen_address=127.0.0.1
listen_port=$PORT
background=NO
anonymous_enable=YES
no_anon_password=YES
anon_root=$PWD/root
secure_chroot_dir=$PWD/empty
seccomp_sandbox=YES
run_as_launching_user=YES
CONF
later vsftpd ftp.conf
up $PORT
timeout 30 lftp -c "set net:max-retries 2; set ssl:check-hostname no; open -p $PORT 127.0.0.1; cat pub/file" | grep hello || true
"""),
    Scenario("nbd", "qemu-nbd and qemu-img over a Unix socket", "qemu-nbd qemu-img", r"""
qemu-img create -q -f raw disk 4M
later qemu-nbd -f raw -k $PWD/socket -t disk
appears socket
qemu-img info "nbd+unix:///?socket=$PWD/socket" | grep 'virtual size: 4'
qemu-img convert -q "nbd+unix:///?socket=$PWD/socket" copy
"""),
    Scenario("xvfb", "Xvfb and an X client", "Xvfb xdpyinfo", r"""
later Xvfb :$((PORT % 1000 + 100)) -screen 0 320x240x8 -nolisten tcp
for i in $(seq 50); do DISPLAY=:$((PORT % 1000 + 100)) xdpyinfo 2>/dev/null | grep -m 1 'dimensions' && break; sleep 0.2; done
"""),
    Scenario("mpi", "two processes of Open MPI, messages over TCP", "mpirun mpicc", r"""
mpirun --allow-run-as-root --oversubscribe -np 2 --mca btl tcp,self --mca btl_tcp_if_include lo --mca oob_tcp_if_include lo ./talk | grep 'sum 4950'
""", prepare=r"""
cat > talk.c <<'C'
#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	int rank, got, sum = 0;
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	for (int i = 0; i < 100; i++)
		if (rank) { MPI_Send(&i, 1, MPI_INT, 0, 0, MPI_COMM_WORLD); }
		else { MPI_Recv(&got, 1, MPI_INT, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE); sum += got; }
	if (!rank) printf("sum %d\n", sum);
	MPI_Finalize();
}
C
mpicc -o talk talk.c
"""),
    Scenario("icecast", "icecast and curl", "icecast2 curl", r"""
cat > ice.xml <<XML
<icecast><limits><clients>10</clients><sources>2</sources></limits><authentication><source-password>a</source-password><admin-user>b</admin-user><admin-password>c</admin-password></authentication>
<hostname>localhost</hostname><listen-socket><port>$PORT</port><bind-address>127.0.0.1</bind-address></listen-socket><fileserve>1</fileserve>
<paths><basedir>$PWD</basedir><logdir>$PWD</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>a.log</accesslog><errorlog>e.log</errorlog></logging><security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>
XML
chmod 777 .
later icecast2 -c ice.xml
up $PORT
curl -s http://127.0.0.1:$PORT/status-json.xsl | grep icestats
"""),
    Scenario("openssl", "openssl s_server and s_client", "openssl", r"""
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
later openssl s_server -quiet -accept 127.0.0.1:$PORT -cert cert.pem -key key.pem -www
up $PORT
printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 openssl s_client -quiet -connect 127.0.0.1:$PORT 2>/dev/null | grep -m 1 'HTTP/1.0 200'
"""),
    Scenario("fdpass", "a descriptor passed by nc -F to a proxy's client", "nc.openbsd /usr/bin/python3", r"""
later /usr/bin/python3 -c "
import socket
s = socket.create_server(('127.0.0.1', $PORT)); open('ready', 'w').close()
c = s.accept()[0]; c.sendall(b'hello'); c.close()"
appears ready
/usr/bin/python3 -c "
import array, socket, subprocess
a, b = socket.socketpair()
p = subprocess.Popen(['nc.openbsd', '-F', '127.0.0.1', '$PORT'], stdout=b.fileno()); b.close()
data, fds, flags, address = socket.recv_fds(a, 9, 1)
s = socket.socket(fileno=fds[0]); s.setblocking(True); print(s.recv(99)); s.close(); p.wait()" | grep hello # nc leaves it non-blocking
"""),
]
