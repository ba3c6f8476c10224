#!/bin/sh
# setup.sh LEVEL: installs the Debian packages that LEVEL needs and this machine lacks: build, check, bench, lint or
# campaign (each includes build). Looks for what is needed, not for packages: a program from elsewhere on PATH is
# fine. Quick and silent when nothing is missing. Services are not started by the installation.
set -eu
level=${1:-check}

# package, levels (+ separated), and the command or file whose presence proves it
table='
gcc                build                    gcc
make               build                    make
libc6-dev          build                    /usr/include/stdio.h
libsqlite3-dev     build                    /usr/include/sqlite3.h
libdw-dev          build                    /usr/include/elfutils/libdwfl.h
g++                check                    g++
libcmocka-dev      check                    /usr/include/cmocka.h
sqlite3            check                    sqlite3
strace             check+bench+campaign     strace
valgrind           check                    valgrind
python3            check+bench+campaign     /usr/bin/python3
binutils           check                    nm
liburing-dev       check                    /usr/include/liburing.h
libjemalloc2       check                    /usr/lib/x86_64-linux-gnu/libjemalloc.so.2
libtcmalloc-minimal4 check                  /usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4
libeatmydata1      check                    /usr/lib/x86_64-linux-gnu/libeatmydata.so
libfakeroot        check                    /usr/lib/x86_64-linux-gnu/libfakeroot/libfakeroot-sysv.so
libfaketime        check                    /usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1
torsocks           check                    torsocks
libproxychains4    check                    /usr/lib/x86_64-linux-gnu/libproxychains.so.4
musl-tools         check                    musl-gcc
procps             check                    ps
curl               check+bench+campaign     curl
libpython{python}-testsuite check           /usr/lib/python{python}/test/test_socket.py
nginx-light        check+bench+campaign     /usr/sbin/nginx
redis-server       check+bench+campaign     redis-server
redis-tools        check+bench+campaign     redis-benchmark
apache2-utils      check+bench+campaign     ab
nodejs             check+campaign           node
git                check+campaign           git
openssh-client     check+campaign           ssh
openssh-server     check+campaign           /usr/sbin/sshd
clang              check                    clang
clang-tidy         lint                     clang-tidy
cppcheck           lint                     cppcheck
valgrind           lint                     valgrind
wrk                bench+campaign           wrk
wget               campaign                 wget
default-jdk-headless campaign               javac
perl               campaign                 perl
ruby               campaign                 ruby
memcached          check+campaign                 memcached
haproxy            check+campaign                 /usr/sbin/haproxy
postgresql         check+campaign                 psql
rsync              campaign                 rsync
apache2            campaign                 /usr/sbin/apache2
stunnel4           campaign                 stunnel4
socat              campaign                 socat
netcat-openbsd     campaign                 nc.openbsd
bind9-dnsutils     campaign                 dig
dbus               campaign                 dbus-daemon
iperf3             campaign                 iperf3
stress-ng          campaign                 stress-ng
openbsd-inetd      campaign                 /usr/sbin/inetd
openssl            campaign                 openssl
dnsmasq-base       campaign                 dnsmasq
unbound            campaign                 unbound
bind9              campaign                 named
mosquitto          campaign                 mosquitto
mosquitto-clients  campaign                 mosquitto_sub
squid              campaign                 squid
lighttpd           campaign                 lighttpd
varnish            campaign                 varnishd
vsftpd             campaign                 vsftpd
mariadb-server     campaign                 mariadbd
slapd              campaign                 slapd
ldap-utils         campaign                 ldapsearch
snmpd              campaign                 snmpd
snmp               campaign                 snmpget
chrony             campaign                 chronyd
exim4-daemon-light campaign                 exim4
cups-daemon        campaign                 cupsd
cups-client        campaign                 lpstat
php-cli            campaign                 php
lua5.4             campaign                 lua5.4
lua-socket         campaign                 /usr/share/lua/5.4/socket.lua
erlang-base        campaign                 erl
guile-3.0          campaign                 guile
tcl                campaign                 tclsh
emacs-nox          campaign                 emacs
golang-go          campaign                 go
gnutls-bin         campaign                 gnutls-cli
ncat               campaign                 ncat
nmap               campaign                 nmap
siege              campaign                 siege
aria2              campaign                 aria2c
telnet             campaign                 telnet
tmux               campaign                 tmux
screen             campaign                 screen
chromium           campaign                 chromium
firefox-esr        campaign                 firefox-esr
gawk               campaign                 gawk
mono-runtime       campaign                 mono
mono-mcs           campaign                 mcs
ocaml              campaign                 ocaml
swi-prolog-nox     campaign                 swipl
r-base-core        campaign                 Rscript
sbcl               campaign                 sbcl
racket             campaign                 racket
ghc                campaign                 ghc
libghc-network-dev campaign                 /usr/share/doc/libghc-network-dev
python3-uvloop     campaign                 /usr/lib/python3/dist-packages/uvloop
python3-grpcio     campaign                 /usr/lib/python3/dist-packages/grpc
python3-zmq        campaign                 /usr/lib/python3/dist-packages/zmq
gunicorn           campaign                 gunicorn
busybox            campaign                 busybox
subversion         campaign                 svnserve
dropbear-bin       campaign                 dropbear
tinyproxy          campaign                 tinyproxy
samba              campaign                 smbd
smbclient          campaign                 smbclient
distcc             campaign                 distccd
lftp               campaign                 lftp
qemu-utils         campaign                 qemu-nbd
xvfb               campaign                 Xvfb
x11-utils          campaign                 xdpyinfo
openmpi-bin        campaign                 mpirun
libopenmpi-dev     campaign                 mpicc
icecast2           campaign                 icecast2
'

# The version that stands in names of Python's packages; python3 itself may be missing as yet.
python=$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null ||
	apt-cache depends python3 2>/dev/null | sed -n 's/.*Depends: python\(3\.[0-9]*\)$/\1/p')
table=$(echo "$table" | sed "s/{python}/$python/g")

found() {
	case $1 in
	/*) [ -e "$1" ] ;;
	*) command -v "$1" >/dev/null 2>&1 || [ -e "/usr/sbin/$1" ] ;;
	esac
}

missing=
while read -r package levels proof; do
	[ -n "$package" ] || continue
	case "+$levels+" in
	*"+build+"* | *"+$level+"*) found "$proof" || missing="$missing $package" ;;
	esac
done <<TABLE
$table
TABLE
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "setup: missing:$missing (names of Debian packages); this machine has no apt-get: install them with its own package manager" >&2
	exit 1
fi
become=
if [ "$(id -u)" != 0 ]; then
	if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null || { command -v sudo >/dev/null 2>&1 && [ -t 0 ]; }; then
		become=sudo
	else
		echo "setup: missing packages; as root, run: apt-get install$missing" >&2
		exit 1
	fi
fi

echo "setup: installing$missing" >&2
policy=/usr/sbin/policy-rc.d
log=$(mktemp)
made_policy=
clean_up() {
	[ -z "$made_policy" ] || $become rm -f $policy
	rm -f "$log"
}
trap clean_up EXIT
if [ ! -e $policy ]; then
	made_policy=yes
	printf '#!/bin/sh\nexit 101\n' | $become tee $policy >/dev/null
	$become chmod 755 $policy
fi
install_packages() {
	$become env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@" >"$log" 2>&1
}
# A fresh machine has no package lists, an old one stale lists: then fetch them and try once more.
# shellcheck disable=SC2086
if ! install_packages $missing; then
	$become apt-get update >"$log" 2>&1 || { tail -n 3 "$log" >&2; echo "setup: apt-get update failed (no network?); needed:$missing" >&2; exit 1; }
	install_packages $missing || { tail -n 5 "$log" >&2; echo "setup: apt-get could not install:$missing" >&2; exit 1; }
fi
