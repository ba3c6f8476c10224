# crowd.py KIND PROCESSES THREADS COUNT: many Unix clients at once, and several processes that accept from one listener. Each connection carries
# a word of its own, all of one length: only the words tell which end belongs to which (record with --payload=8).
# KIND path: a stream; packets: SOCK_SEQPACKET; named: clients with autobound names; relative: by a path that is relative to where they are.
import os, socket, sys, tempfile, threading

kind, processes, threads, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
directory = tempfile.mkdtemp()
path = os.path.join(directory, 'socket')
os.chdir(directory)
kind_of_socket = socket.SOCK_SEQPACKET if kind == 'packets' else socket.SOCK_STREAM
listener = socket.socket(socket.AF_UNIX, kind_of_socket)
listener.bind(path)
listener.listen(3) # small: connects that do not wait are turned away with EAGAIN

def serve():
    while True:
        connection = listener.accept()[0]
        word = connection.recv(8)
        if word == b'thatsall':
            os._exit(0)
        connection.sendall(word)
        connection.close()

def connect(waits):
    client = socket.socket(socket.AF_UNIX, kind_of_socket)
    if kind == 'named':
        client.bind('')
    client.setblocking(waits)
    while True:
        try:
            client.connect('socket' if kind == 'relative' else path)
            client.setblocking(True)
            return client
        except BlockingIOError:
            os.sched_yield()

def ask(process, thread):
    for number in range(count):
        with connect(number % 2 == 0) as client:
            client.sendall(b'%02d%02d%04d' % (process, thread, number))
            assert client.recv(8)

acceptors, clients = [], []
for _ in range(3):
    acceptors.append(os.fork())
    if acceptors[-1] == 0:
        serve()
for process in range(processes):
    clients.append(os.fork())
    if clients[-1] == 0:
        mine = [threading.Thread(target=ask, args=(process, thread)) for thread in range(threads)]
        for thread in mine:
            thread.start()
        for thread in mine:
            thread.join()
        os._exit(0)
for pid in clients:
    assert os.waitpid(pid, 0)[1] == 0
for _ in acceptors:
    with connect(True) as client:
        client.sendall(b'thatsall')
for pid in acceptors:
    os.waitpid(pid, 0)
listener.close()
os.unlink(path)
