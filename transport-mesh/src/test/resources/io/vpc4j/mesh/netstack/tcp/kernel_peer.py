"""The Linux kernel's TCP behind a TUN device, for a test that speaks TCP from a JVM.

Run as root in a network namespace of its own:

    unshare -n python3 kernel_peer.py SOCKET MTU LOSS_PER_MILLE [push:PORT:OCTETS | pull:PORT:OCTETS]...

Connects to the Unix stream socket SOCKET; packets pass over it both ways, each after its length in two octets. The kernel is
10.77.0.1, the test 10.77.0.2. Ends when the socket does. Octet p of every stream is PATTERN[p % 65521].
"""
import fcntl
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time

KERNEL, TEST = "10.77.0.1", "10.77.0.2"
PERIOD = 65521


def pattern():
    x, out = 1, bytearray()
    for _ in range(PERIOD):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        out.append((x >> 16) & 255)
    return bytes(out)


PATTERN = pattern()
LONG = PATTERN * 3


def expected(at, length):
    start = at % PERIOD
    return LONG[start : start + length]


def receive(sock, most=None):
    """Reads to the end, or `most` octets, and checks them; gives how many, or says where they are wrong."""
    at = 0
    while most is None or at < most:
        data = sock.recv(65536)
        if not data:
            break
        if data != expected(at, len(data)):
            return "wrong at %d" % at
        at += len(data)
    return at


def send(sock, octets):
    at = 0
    while at < octets:
        at += sock.send(expected(at, min(65536, octets - at)))


def line(sock):
    text = b""
    while not text.endswith(b"\n"):
        octet = sock.recv(1)
        if not octet:
            break
        text += octet
    return text.strip().decode()


def sink(sock):
    sock.sendall(b"%s\n" % str(receive(sock)).encode())


def source(sock):
    send(sock, int(line(sock)))
    sock.shutdown(socket.SHUT_WR)
    receive(sock)


def echo(sock):
    while data := sock.recv(65536):
        sock.sendall(data)


def resetter(sock):
    sock.recv(1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def sleeper(sock):
    time.sleep(3)
    sink(sock)


SERVICES = {7001: sink, 7002: source, 7003: echo, 7004: resetter, 7005: sleeper}


def serve(port, service):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if service is sleeper:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    listener.bind((KERNEL, port))
    listener.listen(128)
    if os.fork():
        return listener
    while True:
        sock, _ = listener.accept()
        if os.fork() == 0:
            try:
                service(sock)
            except OSError as error:
                print("service", port, error, file=sys.stderr, flush=True)
            sock.close()
            os._exit(0)
        sock.close()
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


def command(text):
    """Connects to the test: pushes octets and hears how many came, or asks for octets."""
    if os.fork():
        return
    kind, port, octets = text.split(":")
    port, octets = int(port), int(octets)
    try:
        sock = socket.create_connection((TEST, port), timeout=120)
        if kind == "push":
            send(sock, octets)
            sock.shutdown(socket.SHUT_WR)
            heard = line(sock)
            end = sock.recv(1)
            result = "%s%s" % (heard, "" if end == b"" else " and no end")
        else:
            sock.sendall(b"%d\n" % octets)
            result = receive(sock)
        sock.close()
    except OSError as error:
        result = error
    print(kind, port, result, flush=True)
    os._exit(0)


def tun(mtu):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH", b"vpc4jtest", 0x1001))  # TUNSETIFF, IFF_TUN | IFF_NO_PI
    for step in (
        "ip link set lo up",
        "ip link set vpc4jtest txqueuelen 5000 mtu %d" % mtu,
        "ip address add %s/24 dev vpc4jtest" % KERNEL,
        "ip link set vpc4jtest up",
    ):
        subprocess.run(step.split(), check=True)
    os.set_blocking(fd, False)
    return fd


def bridge(fd, stream, per_mille):
    # Lost here and not by nft's output hook, which would tell the kernel's TCP of it.
    lost = random.Random(1)
    inward = b""
    while True:
        ready = select.select([fd, stream], [], [])[0]
        if fd in ready:
            outward = []
            try:
                while len(outward) < 64:
                    packet = os.read(fd, 65535)
                    if lost.randrange(1000) >= per_mille:
                        outward.append(struct.pack(">H", len(packet)) + packet)
            except BlockingIOError:
                pass
            stream.sendall(b"".join(outward))
        if stream in ready:
            data = stream.recv(262144)
            if not data:
                return
            inward += data
            at = 0
            while at + 2 <= len(inward):
                length = inward[at] << 8 | inward[at + 1]
                if at + 2 + length > len(inward):
                    break
                if lost.randrange(1000) >= per_mille:
                    os.write(fd, inward[at + 2 : at + 2 + length])
                at += 2 + length
            inward = inward[at:]


def main():
    path, mtu, loss = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    stream = socket.socket(socket.AF_UNIX)
    stream.connect(path)
    os.setpgid(0, 0)
    fd = tun(mtu)
    kept = [serve(port, service) for port, service in SERVICES.items()]
    print("ready", flush=True)
    for text in sys.argv[4:]:
        command(text)
    try:
        bridge(fd, stream, loss)
    except (BrokenPipeError, ConnectionResetError):
        pass
    finally:
        del kept
        os.killpg(0, 9)


main()
