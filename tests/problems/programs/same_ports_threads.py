# same_ports_threads.py PORT WORD…: for each WORD a thread that enters a network namespace of its own, and starts a server and a client there:
# 127.0.0.1:PORT+1 to 127.0.0.1:PORT in each.
import ctypes, os, socket, sys, threading, time

CLONE_NEWNET = 0x40000000
port = int(sys.argv[1])

def serve(listener, word):
    connection = listener.accept()[0]
    connection.recv(99)
    time.sleep(0.5) # so that the other one's connection stands meanwhile
    connection.sendall(word)
    connection.close()

def talk(word):
    assert ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0
    os.system('ip link set lo up')
    listener = socket.create_server(('127.0.0.1', port))
    server = threading.Thread(target=serve, args=(listener, word))
    server.start()
    def ask():
        client = socket.create_connection(('127.0.0.1', port), source_address=('127.0.0.1', port + 1))
        client.sendall(word)
        client.recv(99)
        client.close()
    client = threading.Thread(target=ask)
    client.start()
    client.join()
    server.join()
    listener.close()

socket.socket().close() # this process is recorded already
threads = [threading.Thread(target=talk, args=(word.encode(),)) for word in sys.argv[2:]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
