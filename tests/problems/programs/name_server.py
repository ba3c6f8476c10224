"""name_server.py SECONDS COMMAND…: a name server on 127.0.0.1:53 that says of every name that it is 127.0.0.1, SECONDS later (never: not at all),
while the command runs. In a network namespace of its own, see test_dns.sh."""
import os, socket, struct, sys, threading

def answer(query):
	end = query.index(b'\0', 12) + 1
	kind, = struct.unpack('>H', query[end:end + 2])
	address = b'\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1' if kind == 1 else b''
	return query[:2] + b'\x81\x80\0\1' + (b'\0\1' if address else b'\0\0') + b'\0\0\0\0' + query[12:end + 4] + address

def serve(server, seconds):
	while True:
		query, client = server.recvfrom(512)
		if seconds != 'never':
			threading.Timer(float(seconds), server.sendto, (answer(query), client)).start()

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 53))
threading.Thread(target=serve, args=(server, sys.argv[1]), daemon=True).start()
child = os.fork()
if not child:
	os.execvp(sys.argv[2], sys.argv[2:])
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
