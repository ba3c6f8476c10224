# same_ports.py PORT WORD…: a server and a client, 127.0.0.1:PORT+1 to 127.0.0.1:PORT, which say WORD. Run in two network namespaces at
# once, the two connections have the same addresses. With several words it forks for each, and the children enter namespaces of their own.
import ctypes, os, socket, sys, time

CLONE_NEWNET = 0x40000000
port = int(sys.argv[1])

def talk(word):
    os.system('ip link set lo up')
    listener = socket.create_server(('127.0.0.1', port))
    if os.fork() == 0:
        listener.close()
        client = socket.create_connection(('127.0.0.1', port), source_address=('127.0.0.1', port + 1))
        client.sendall(word)
        client.recv(99)
        os._exit(0)
    connection = listener.accept()[0]
    connection.recv(99)
    time.sleep(0.5) # so that the other one's connection stands meanwhile
    connection.sendall(word)
    os.wait()

words = [word.encode() for word in sys.argv[2:]]
if len(words) == 1:
    talk(words[0])
    sys.exit()
socket.socket().close() # this process is recorded already
for word in words:
    if os.fork() == 0:
        assert ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0
        talk(word)
        os._exit(0)
for word in words:
    os.wait()
