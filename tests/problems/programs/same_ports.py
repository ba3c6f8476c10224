# same_ports.py PORT WORD: a server and a client, 127.0.0.1:PORT+1 to 127.0.0.1:PORT, which say WORD. Run in two network namespaces at
# once, the two connections have the same addresses.
import os, socket, sys, time

port, word = int(sys.argv[1]), sys.argv[2].encode()
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
