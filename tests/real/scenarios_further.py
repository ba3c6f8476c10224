"""
scenarios_further.py: scenarios with programs that are there to surprise us: other servers, other languages, browsers. What a scenario is: scenario.py.
"""
from scenario import Scenario

WEB = r"""
mkdir www; echo 'hello, socket' > www/index.html
later /usr/bin/python3 -m http.server --bind 127.0.0.1 --directory www $PORT
up $PORT
"""
CERTIFICATE = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null\n"

ALL = [
    # Servers
    Scenario("dnsmasq", "dnsmasq and dig", "dnsmasq dig", r"""
later dnsmasq -k -p $PORT --listen-address=127.0.0.1 --bind-interfaces --no-resolv --no-hosts --conf-file=/dev/null --address=/example.test/127.0.0.5 --user=$(id -un) --pid-file=
for i in $(seq 50); do dig +short +time=1 +tries=1 @127.0.0.1 -p $PORT example.test | grep 127.0.0.5 && break; sleep 0.1; done
dig +tcp +short @127.0.0.1 -p $PORT example.test | grep 127.0.0.5
"""),
    Scenario("unbound", "unbound and dig", "unbound dig", r"""
cat > unbound.conf <<CONF
server:
 interface: 127.0.0.1
 port: $PORT
 do-daemonize: no
 username: ""
 chroot: ""
 directory: "$PWD"
 pidfile: ""
 use-syslog: no
 num-threads: 2
 local-data: "example.test. A 127.0.0.5"
remote-control:
 control-enable: no
CONF
later unbound -c $PWD/unbound.conf
for i in $(seq 50); do dig +short +time=1 +tries=1 @127.0.0.1 -p $PORT example.test | grep 127.0.0.5 && break; sleep 0.1; done
dig +tcp +short @127.0.0.1 -p $PORT example.test | grep 127.0.0.5
"""),
    Scenario("named", "bind's named and dig", "named dig", r"""
chmod 777 .
cat > named.conf <<CONF
options { directory "$PWD"; listen-on port $PORT { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none; session-keyfile none; recursion no; dnssec-validation no; managed-keys-directory "$PWD"; };
controls { };
zone "example.test" { type primary; file "$PWD/zone"; };
CONF
printf '$TTL 60\n@ SOA a. b. 1 60 60 60 60\n@ NS a.\n@ A 127.0.0.5\n' > zone
later named -f -n 2 -c $PWD/named.conf
for i in $(seq 50); do dig +short +time=1 +tries=1 @127.0.0.1 -p $PORT example.test | grep 127.0.0.5 && break; sleep 0.1; done
dig +tcp +short @127.0.0.1 -p $PORT example.test | grep 127.0.0.5
"""),
    Scenario("mosquitto", "mosquitto: publish and subscribe", "mosquitto mosquitto_sub mosquitto_pub", r"""
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' $PORT > m.conf
later mosquitto -c m.conf
up $PORT
mosquitto_pub -p $PORT -t a/b -m hello -r
mosquitto_sub -p $PORT -t a/b -C 1 -W 10 | grep hello
"""),
    Scenario("squid", "curl through squid", "squid curl /usr/bin/python3", WEB + r"""
chmod 777 .
cat > squid.conf <<CONF
http_port 127.0.0.1:$PORT2
http_access allow all
cache deny all
pid_filename none
cache_log $PWD/cache.log
access_log none
coredump_dir $PWD
shutdown_lifetime 1 second
CONF
later squid -N -f $PWD/squid.conf
up $PORT2
for i in 1 2 3; do curl -s -x http://127.0.0.1:$PORT2 http://127.0.0.1:$PORT/ | grep hello; done
""", limit=240),
    Scenario("lighttpd", "lighttpd under ab", "lighttpd ab", r"""
mkdir www; echo ok > www/index.html
printf 'server.document-root = "%s/www"\nserver.port = %s\nserver.bind = "127.0.0.1"\nindex-file.names = ("index.html")\n' $PWD $PORT > l.conf
later lighttpd -D -f l.conf
up $PORT
ab -q -k -n 50 -c 5 http://127.0.0.1:$PORT/index.html | grep 'Complete requests:.*50'
"""),
    Scenario("varnish", "varnish before python's http.server", "varnishd curl /usr/bin/python3", WEB + r"""
chmod 755 .
later varnishd -F -n $PWD/v -a 127.0.0.1:$PORT2 -b 127.0.0.1:$PORT -s malloc,20m
up $PORT2
for i in 1 2 3; do curl -s http://127.0.0.1:$PORT2/ | grep hello; done
""", limit=240),
    Scenario("vsftpd", "vsftpd and curl", "vsftpd curl", r"""
mkdir -p empty; chmod 555 empty
cat > v.conf <<CONF
listen=YES
listen_address=127.0.0.1
listen_port=$PORT
anonymous_enable=YES
anon_root=$PWD/www
no_anon_password=YES
secure_chroot_dir=$PWD/empty
ftp_username=ftp
seccomp_sandbox=NO
CONF
mkdir www; echo hello > www/file; chmod 755 . www
later vsftpd $PWD/v.conf
up $PORT
curl -sv ftp://127.0.0.1:$PORT/file | grep hello
"""),
    Scenario("mariadb", "mariadb and its client", "mariadbd mariadb mariadb-install-db", r"""
chmod 777 .; mkdir data; chown mysql data 2>/dev/null || true
mariadb-install-db --no-defaults --datadir=$PWD/data --user=mysql --auth-root-authentication-method=normal --skip-test-db >/dev/null 2>&1
later mariadbd --no-defaults --datadir=$PWD/data --user=mysql --port=$PORT --bind-address=127.0.0.1 --socket=$PWD/s --pid-file=$PWD/pid --log-error=$PWD/log --innodb-buffer-pool-size=8M
up $PORT
mariadb --no-defaults -h 127.0.0.1 -P $PORT -u root -e 'select 40 + 2' | grep 42
mariadb --no-defaults -S $PWD/s -u root -e 'select 40 + 2' | grep 42
""", limit=400),
    Scenario("slapd", "slapd and ldapsearch", "slapd ldapsearch", r"""
cat > slapd.conf <<CONF
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "dc=test"
directory $PWD/db
CONF
mkdir db
later slapd -d 0 -f slapd.conf -h ldap://127.0.0.1:$PORT
up $PORT
ldapsearch -x -H ldap://127.0.0.1:$PORT -b '' -s base namingContexts | grep dc=test
"""),
    Scenario("snmpd", "snmpd and snmpget", "snmpd snmpget", r"""
echo 'rocommunity public 127.0.0.1' > snmpd.conf
later snmpd -f -C -c snmpd.conf -Lf log udp:127.0.0.1:$PORT
for i in $(seq 50); do snmpget -v2c -c public -t 1 -r 0 127.0.0.1:$PORT 1.3.6.1.2.1.1.3.0 2>/dev/null | grep Timeticks && break; sleep 0.1; done
snmpget -v2c -c public 127.0.0.1:$PORT 1.3.6.1.2.1.1.3.0 | grep Timeticks
"""),
    Scenario("chrony", "chronyd serving loopback, and chronyc", "chronyd chronyc", r"""
printf 'port %s\ncmdport %s\nbindaddress 127.0.0.1\nbindcmdaddress 127.0.0.1\nallow 127.0.0.1\nlocal stratum 8\npidfile %s/pid\nuser root\ndriftfile %s/drift\n' $PORT $PORT2 $PWD $PWD > c.conf
later chronyd -d -x -f $PWD/c.conf
for i in $(seq 50); do chronyc -h 127.0.0.1 -p $PORT2 tracking 2>/dev/null | grep Stratum && break; sleep 0.1; done
"""),
    Scenario("exim", "exim taking a message by SMTP", "exim4 /usr/bin/python3", r"""
chmod 777 .
cat > e.conf <<CONF
spool_directory = $PWD/spool
log_file_path = $PWD/%slog
pid_file_path = $PWD/pid
daemon_smtp_ports = $PORT
local_interfaces = 127.0.0.1
keep_environment =
acl_smtp_rcpt = accept
begin acl
accept:
  accept
begin routers
r:
  driver = accept
  transport = t
begin transports
t:
  driver = appendfile
  file = $PWD/mail
  user = Debian-exim
CONF
mkdir spool; chown Debian-exim spool
later exim4 -C $PWD/e.conf -bdf
up $PORT
/usr/bin/python3 -c '
import os, smtplib
s = smtplib.SMTP("127.0.0.1", int(os.environ["PORT"])); s.sendmail("a@localhost", ["b@localhost"], "Subject: x\n\nhello\n"); s.quit()'
"""),
    Scenario("cups", "cupsd and lpstat", "cupsd lpstat", r"""
mkdir -p root spool cache state tmp
cat > cupsd.conf <<CONF
Listen 127.0.0.1:$PORT
Browsing Off
<Location />
 Order allow,deny
</Location>
CONF
printf 'ServerRoot %s/root\nRequestRoot %s/spool\nCacheDir %s/cache\nStateDir %s/state\nTempDir %s/tmp\nErrorLog %s/log\nAccessLog %s/access\nSystemGroup root\n' $PWD $PWD $PWD $PWD $PWD $PWD $PWD > files.conf
later cupsd -f -c $PWD/cupsd.conf -s $PWD/files.conf
up $PORT
lpstat -h 127.0.0.1:$PORT -r | grep running
"""),
    # Languages
    Scenario("php", "php's own server, and a client in php", "php curl", r"""
mkdir www; echo '<?php echo "hello " . $_GET["x"];' > www/index.php
later php -S 127.0.0.1:$PORT -t www
up $PORT
curl -s "http://127.0.0.1:$PORT/?x=php" | grep 'hello php'
php -r '$p = getenv("PORT"); echo file_get_contents("http://localhost:$p/?x=again"); $s = stream_socket_client("tcp://127.0.0.1:$p"); fwrite($s, "GET / HTTP/1.0\r\n\r\n"); echo stream_get_contents($s);' | grep again
"""),
    Scenario("lua", "lua-socket, client and server in coroutines' turns", "lua5.4", r"""
lua5.4 -e '
local socket = require("socket")
local server = assert(socket.bind("127.0.0.1", 0))
local _, port = server:getsockname()
for i = 1, 3 do
  local client = assert(socket.connect("127.0.0.1", port))
  local accepted = assert(server:accept())
  client:send("line " .. i .. "\n")
  assert(accepted:receive() == "line " .. i)
  accepted:send("yes\n"); assert(client:receive() == "yes")
  client:close(); accepted:close()
end
local u, v = socket.udp(), socket.udp()
u:setsockname("127.0.0.1", 0); local _, p = u:getsockname()
v:sendto("x", "127.0.0.1", p); assert(u:receivefrom() == "x")'
"""),
    Scenario("erlang", "erlang's gen_tcp and its own daemon", "erl", r"""
erl -noshell -eval '
{ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}]), {ok, P} = inet:port(L),
spawn(fun() -> {ok, S} = gen_tcp:accept(L), {ok, D} = gen_tcp:recv(S, 0), ok = gen_tcp:send(S, D), gen_tcp:close(S) end),
{ok, C} = gen_tcp:connect({127,0,0,1}, P, [binary, {active, false}]), ok = gen_tcp:send(C, <<"hello">>), {ok, <<"hello">>} = gen_tcp:recv(C, 5),
gen_tcp:close(C), gen_tcp:close(L), {ok, U} = gen_udp:open(0), gen_udp:close(U), halt(0).'
""", limit=240),
    Scenario("guile", "guile's sockets", "guile", r"""
guile --no-auto-compile -c '
(use-modules (rnrs bytevectors))
(let* ((l (socket PF_INET SOCK_STREAM 0)) (c (socket PF_INET SOCK_STREAM 0)))
  (bind l AF_INET INADDR_LOOPBACK 0) (listen l 5)
  (connect c AF_INET INADDR_LOOPBACK (sockaddr:port (getsockname l)))
  (let ((a (car (accept l))))
    (send c (string->utf8 "hello")) (let ((b (make-bytevector 5))) (recv! a b) (display (utf8->string b)) (newline))
    (close-port a) (close-port c) (close-port l)))' | grep hello
"""),
    Scenario("tcl", "tcl's event loop, server and client", "tclsh", r"""
cat > s.tcl <<'TCL'
proc take {s a p} { fconfigure $s -buffering line; gets $s line; puts $s [string toupper $line]; close $s }
set l [socket -server take -myaddr 127.0.0.1 0]
set port [lindex [fconfigure $l -sockname] 2]
set c [socket -async 127.0.0.1 $port]
fconfigure $c -buffering line
puts $c hello
fileevent $c readable { gets $c answer; set done 1 }
vwait done
if {$answer ne "HELLO"} { exit 1 }
close $c; close $l
TCL
tclsh s.tcl
"""),
    Scenario("emacs", "emacs: a server process and a client process in one", "emacs", r"""
emacs -Q --batch --eval '
(let* ((got "") (server (make-network-process :name "s" :server t :host "127.0.0.1" :service t :family (quote ipv4)
         :filter (lambda (p s) (process-send-string p (upcase s)))))
       (client (make-network-process :name "c" :host "127.0.0.1" :service (process-contact server :service)
         :filter (lambda (p s) (setq got (concat got s))))))
  (process-send-string client "hello")
  (while (not (equal got "HELLO")) (accept-process-output nil 0.1))
  (delete-process client) (delete-process server))'
"""),
    Scenario("go-cgo", "Go with cgo: C's calls are seen, those of Go's runtime are a gap", "go gcc", r"""
GODEBUG=netdns=cgo ./program | grep done
""", prepare=r"""
cat > main.go <<'GO'
package main

/*
#include <sys/socket.h>
#include <unistd.h>
static int from_c(void)
{
	int ends[2];
	char c;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || send(ends[0], "c", 1, 0) != 1 || recv(ends[1], &c, 1, 0) != 1)
		return 1;
	return close(ends[0]) || close(ends[1]);
}
*/
import "C"
import ("fmt"; "io"; "net"; "os")

func main() {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	go func() { c, _ := listener.Accept(); io.Copy(c, c); c.Close() }()
	net.LookupHost("localhost")
	c, _ := net.Dial("tcp", listener.Addr().String())
	fmt.Fprintf(c, "hello")
	c.(*net.TCPConn).CloseWrite()
	b, _ := io.ReadAll(c)
	c.Close()
	if string(b) != "hello" || C.from_c() != 0 { os.Exit(3) }
	fmt.Println("done")
}
GO
GO111MODULE=off GOFLAGS= CGO_ENABLED=1 go build -o program main.go; [ -x program ]
""", expect=(
        "SELECT count(*) = 1 FROM gap WHERE reason = 'raw_syscalls' AND program = 'program' AND incomplete",
        "SELECT count(*) = 5 FROM timeline WHERE socket_id IN (SELECT socket_id FROM lifecycle WHERE role = 'pair' AND program = 'program')",
    ), limit=240),
    # Clients and tools
    Scenario("gnutls", "gnutls-cli and openssl s_client against openssl s_server", "gnutls-cli openssl", CERTIFICATE + r"""
later openssl s_server -quiet -accept 127.0.0.1:$PORT -key key.pem -cert cert.pem -www
up $PORT
printf 'GET / HTTP/1.0\r\n\r\n' | gnutls-cli --insecure -p $PORT localhost 2>/dev/null | grep -i s_server
printf 'GET / HTTP/1.0\r\n\r\n' | openssl s_client -quiet -ign_eof -connect 127.0.0.1:$PORT 2>/dev/null | grep -i s_server
"""),
    Scenario("ncat", "ncat, both ends, also over a Unix socket", "ncat", r"""
ncat -l 127.0.0.1 $PORT > got & server=$!
for i in $(seq 100); do echo hello | ncat --send-only 127.0.0.1 $PORT 2>/dev/null && break; sleep 0.05; done
wait $server; grep hello got
ncat -lU u > got2 & server=$!
appears u; echo again | ncat --send-only -U u; wait $server; grep again got2
"""),
    Scenario("nmap", "nmap -sT over some ports of loopback", "nmap /usr/bin/python3", WEB + r"""
nmap -n -Pn -sT -p $PORT,$PORT2,$PORT3 127.0.0.1 | grep "$PORT/tcp *open"
"""),
    Scenario("wrk", "wrk with two threads", "wrk nginx", r"""
mkdir -p logs; echo ok > index.html; chmod 777 . logs
printf 'daemon off; master_process off; pid nginx.pid; events { } http { access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s; server { listen 127.0.0.1:%s; root %s; } }' $PORT $PWD > n.conf
later nginx -p $PWD -c n.conf -e logs/error.log
up $PORT
wrk -t2 -c4 -d1s http://127.0.0.1:$PORT/index.html | grep Requests
""", limit=240),
    Scenario("siege", "siege against python's http.server", "siege /usr/bin/python3", WEB + r"""
siege -q -c 3 -r 5 http://127.0.0.1:$PORT/ >/dev/null 2>&1
"""),
    Scenario("aria2", "aria2c in two pieces", "aria2c /usr/bin/python3", WEB + r"""
head -c 3000000 /dev/zero > www/big
aria2c -q --no-conf -x2 -s2 --disable-ipv6=true -o got http://127.0.0.1:$PORT/big; cmp got www/big
"""),
    Scenario("telnet", "telnet against python's http.server", "telnet /usr/bin/python3", WEB + r"""
(printf 'GET / HTTP/1.0\n\n'; sleep 1) | telnet 127.0.0.1 $PORT 2>/dev/null | grep hello
"""),
    Scenario("tmux", "tmux: its server and clients over a Unix socket", "tmux", r"""
export TERM=xterm TMUX_TMPDIR=$PWD
tmux -L t -f /dev/null new-session -d 'sh -c "echo inside > out; sleep 100"'
appears out
tmux -L t list-sessions | grep 1
tmux -L t kill-server
"""),
    Scenario("screen", "screen: its server and clients over a Unix socket", "screen", r"""
export TERM=xterm SCREENDIR=$PWD/s; mkdir -m 700 s
screen -dmS t sh -c 'echo inside > out; sleep 100'
appears out
screen -S t -X quit
"""),
    Scenario("chromium", "headless chromium loading a page", "chromium /usr/bin/python3", WEB + r"""
timeout 100 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync \
  --user-data-dir=$PWD/profile --dump-dom http://127.0.0.1:$PORT/ 2>/dev/null | grep hello
""", limit=240),
    Scenario("firefox", "headless firefox taking a screenshot of a page", "firefox-esr /usr/bin/python3", WEB + r"""
mkdir profile
timeout 200 firefox-esr --headless --profile $PWD/profile --screenshot $PWD/shot.png http://127.0.0.1:$PORT/ >/dev/null 2>&1
[ -s shot.png ]
""", limit=400),
]
