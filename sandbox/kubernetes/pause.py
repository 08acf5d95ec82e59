"""A pod's own network, as the pause container of a real pod holds it. A separate program without imports of ours.

    pause.py try                    check whether this machine allows it (exit code 0)
    pause.py hold SOCKET ADDRESS    create a network with this address and serve a proxy into it on the Unix socket
                                    SOCKET, until stdin ends
    pause.py enter PID COMMAND…     run the command inside the network that PID holds

Needs Linux and either root or user namespaces. A client of the proxy sends a port and a newline. It receives either
`+`, and is then connected to that port of the pod's address, or `-` and a reason. As in a real cluster, a program that
listens only on the pod's loopback, or on another port, cannot be reached.
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


def leave_host_network() -> None:
    """Move this process into a new network; an ordinary user needs a user namespace for that. Raises OSError."""
    if _libc.unshare(CLONE_NEWNET) == 0:
        return
    user, group = os.geteuid(), os.getegid()
    _check(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNET))
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def set_up_loopback(address: str) -> None:
    """Bring the loopback up and add the pod's address to it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(control, SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
        request = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(address))
        fcntl.ioctl(control, SIOCSIFADDR, request)


def hold(path: str, address: str) -> None:
    leave_host_network()
    set_up_loopback(address)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    threading.Thread(target=_serve, args=(listener, address), daemon=True).start()
    print("held", flush=True)  # noqa: T201 - the parent process waits for this line
    sys.stdin.read()  # ends when the parent process closes it or dies


def _serve(listener: socket.socket, address: str) -> None:
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_proxy, args=(client, address), daemon=True).start()


def _proxy(client: socket.socket, address: str) -> None:
    with client:
        port = b""
        while not port.endswith(b"\n") and len(port) < 10:
            byte = client.recv(1)
            if not byte:
                return
            port += byte
        try:
            inside = socket.create_connection((address, int(port)), timeout=10)
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
        source.close()  # one side is gone, so the connection ends


def enter(pid: str, command: list[str]) -> None:
    if os.geteuid() != 0 or os.stat(f"/proc/{pid}/ns/user").st_ino != os.stat("/proc/self/ns/user").st_ino:
        _join(pid, "user", CLONE_NEWUSER)
    _join(pid, "net", CLONE_NEWNET)
    with open("/proc/self/environ", "rb") as block:  # not os.environ, to which Python adds LC_CTYPE
        environment = dict(entry.split(b"=", 1) for entry in block.read().split(b"\0") if b"=" in entry)
    os.execvpe(command[0], command, environment)  # noqa: S606 - the container's command


def _join(pid: str, kind: str, flag: int) -> None:
    handle = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
    try:
        _check(_libc.setns(handle, flag))
    finally:
        os.close(handle)


if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    if verb == "try":
        leave_host_network()
        set_up_loopback("10.42.0.1")
    elif verb == "hold":
        hold(arguments[0], arguments[1])
    else:
        enter(arguments[0], arguments[1:])
