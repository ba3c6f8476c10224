# churn.py KIND COUNT: COUNT short connections from 8 threads to 8 accepting threads of one process, and each says its number,
# so that a pair can be checked by the bytes. KIND tcp: over 32 local ports, used again and again (SO_LINGER 0 frees them at
# once); unix: a path; abstract: an abstract name.
import os, socket, struct, sys, tempfile, threading

kind, count, threads = sys.argv[1], int(sys.argv[2]), 8
path = '\0churn%d' % os.getpid() if kind == 'abstract' else os.path.join(tempfile.mkdtemp(), 'socket')
family = socket.AF_INET if kind == 'tcp' else socket.AF_UNIX
listener = socket.socket(family)
listener.bind(('127.0.0.1', 0) if kind == 'tcp' else path)
listener.listen(1000)

def serve():
    while True:
        with listener.accept()[0] as connection:
            question = connection.recv(5000)
            if question == b'quit':
                return
            connection.sendall(b'y' * (len(question) % 7 + 1))

def ask(thread):
    for number in range(count // threads):
        with socket.socket(family) as client:
            if kind == 'tcp':
                client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                client.bind(('127.0.0.1', 24000 + os.getpid() % 8000 + thread * 4 + number % 4))
            try:
                client.connect(listener.getsockname())
            except OSError:
                continue
            client.sendall(b'x' * (5 + number * threads + thread) if count < 4000 else b'x' * (5 + number % 900))
            try:
                client.recv(10)
            except OSError:
                pass

servers = [threading.Thread(target=serve) for _ in range(threads)]
clients = [threading.Thread(target=ask, args=(thread,)) for thread in range(threads)]
for thread in servers + clients:
    thread.start()
for thread in clients:
    thread.join()
for _ in servers:
    with socket.socket(family) as client:
        client.connect(listener.getsockname())
        client.sendall(b'quit')
for thread in servers:
    thread.join()
listener.close()
