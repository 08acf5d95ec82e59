"""A pod's own network, as the pause container of a real pod holds it. A program by itself: it imports nothing of ours.

    pause.py try                    whether this machine lets us (exit code 0)
    pause.py hold SOCKET ADDRESS    make a network with this address and be its door, a Unix socket, until stdin ends
    pause.py enter PID COMMAND…     run the command inside the network that PID holds

Needs Linux and either root or user namespaces. Through the door one says a port and a newline, hears `+` or a reason
after `-`, and is then connected to that port of the pod's address: a program that listens on the pod's loopback
alone, or on another port, is not reached, as in earnest.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys
import threading

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFADDR, SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8916, 0x8913, 0x8914, 1
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def leave_the_host() -> None:
    """Into a network of our own; an ordinary user needs a user namespace for it. Raises OSError."""
    if _libc.unshare(CLONE_NEWNET) == 0:
        return
    user, group = os.geteuid(), os.getegid()
    _check(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNET))
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def raise_loopback(address: str) -> None:
    """Brings the loopback up and gives it the pod's address besides."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        asked = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(control, SIOCGIFFLAGS, asked), 16)
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
        told = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(address))
        fcntl.ioctl(control, SIOCSIFADDR, told)


def hold(path: str, address: str) -> None:
    leave_the_host()
    raise_loopback(address)
    door = socket.socket(socket.AF_UNIX)
    door.bind(path)
    door.listen(64)
    threading.Thread(target=_answer, args=(door, address), daemon=True).start()
    print("held", flush=True)  # noqa: T201 - what its starter waits for
    sys.stdin.read()  # ends when the starter closes it or dies


def _answer(door: socket.socket, address: str) -> None:
    while True:
        client, _ = door.accept()
        threading.Thread(target=_connect, args=(client, address), daemon=True).start()


def _connect(client: socket.socket, address: str) -> None:
    with client:
        said = b""
        while not said.endswith(b"\n") and len(said) < 10:
            byte = client.recv(1)
            if not byte:
                return
            said += byte
        try:
            inside = socket.create_connection((address, int(said)), timeout=10)
        except OSError as error:
            client.sendall(f"-{error.strerror or error}\n".encode())
            return
        with inside:
            inside.settimeout(None)
            client.sendall(b"+\n")
            back = threading.Thread(target=_copy, args=(inside, client), daemon=True)
            back.start()
            _copy(client, inside)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()  # the other side is gone: so is this connection


def enter(pid: str, command: list[str]) -> None:
    if os.geteuid() != 0 or os.stat(f"/proc/{pid}/ns/user").st_ino != os.stat("/proc/self/ns/user").st_ino:
        _join(pid, "user", CLONE_NEWUSER)
    _join(pid, "net", CLONE_NEWNET)
    with open("/proc/self/environ", "rb") as block:  # as given: Python adds an LC_CTYPE of its own to os.environ
        environment = dict(entry.split(b"=", 1) for entry in block.read().split(b"\0") if b"=" in entry)
    os.execvpe(command[0], command, environment)  # noqa: S606 - the container's command


def _join(pid: str, kind: str, flag: int) -> None:
    handle = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
    try:
        _check(_libc.setns(handle, flag))
    finally:
        os.close(handle)


if __name__ == "__main__":
    verb, *given = sys.argv[1:]
    if verb == "try":
        leave_the_host()
        raise_loopback("10.42.0.1")
    elif verb == "hold":
        hold(given[0], given[1])
    else:
        enter(given[0], given[1:])
