"""The network of a pod: how its program listens and how others connect to it.

If the machine allows it, each pod has its own network (`pause`). Otherwise all pods share the machine's network, and
each declared port is mapped to a free one in the environment and arguments of the container.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.world import processes

Body = dict[str, Any]
PAUSE = str(Path(__file__).with_name("pause.py"))
INTERPRETER = [sys.executable, "-I", "-S"]


class Network(ABC):
    """A pod's network. `address` is the pod IP; `limitation` tells people how the network differs from a real one."""

    address: str
    limitation = ""

    @abstractmethod
    def command(self, command: list[str]) -> list[str]:
        """The command that runs `command` inside the network."""

    @abstractmethod
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        """The environment for a program inside the network."""

    @abstractmethod
    def connect(self, port: int, timeout: float) -> socket.socket:
        """A connection to a port of the pod. Raises OSError if nothing listens there."""

    @abstractmethod
    def close(self) -> None: ...


class OwnNetwork(Network):
    """A network namespace for one pod, which a `pause` process holds and proxies through a Unix socket."""

    def __init__(self, uid: str, address: str) -> None:
        self.address = address
        self._folder = Path(tempfile.mkdtemp(prefix="pod-"))  # short: the path of a socket is limited to 107 bytes
        self._proxy = str(self._folder / "proxy")
        command = [*INTERPRETER, PAUSE, "hold", self._proxy, address]
        self._pause = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)  # noqa: S603
        processes.register(self._pause.pid, f"pod {uid}")
        if self._pause.stdout is None or self._pause.stdout.readline() != b"held\n":
            self.close()
            raise OSError("the pod's network could not be created")

    def command(self, command: list[str]) -> list[str]:
        return [*INTERPRETER, PAUSE, "enter", str(self._pause.pid), *command]

    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment

    def connect(self, port: int, timeout: float) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        try:
            connection.connect(self._proxy)
            connection.sendall(f"{port}\n".encode())
            reply = b""
            while not reply.endswith(b"\n"):
                byte = connection.recv(1)
                if not byte:
                    raise ConnectionResetError("the pod is gone")
                reply += byte
        except OSError:
            connection.close()
            raise
        if reply[:1] != b"+":
            connection.close()
            raise ConnectionRefusedError(reply[1:].decode(errors="replace").strip())
        return connection

    def close(self) -> None:
        processes.end(self._pause, grace=0)
        for pipe in (self._pause.stdin, self._pause.stdout):
            if pipe is not None:
                pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class MappedPorts(Network):
    """The machine's network, with each declared port mapped to a free one."""

    def __init__(self, ports: set[int]) -> None:
        self.address = "127.0.0.1"
        self.mapped = {port: _free_port() for port in sorted(ports)}
        mapping = ", ".join(f"{port} is {free}" for port, free in self.mapped.items()) or "none"
        self.limitation = f"This machine gives pods no network of their own. Ports are mapped to free ones: {mapping}"

    def command(self, command: list[str]) -> list[str]:
        return [self._map(argument) for argument in command]

    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return {name: self._map(value) for name, value in environment.items()}

    def _map(self, text: str) -> str:
        return re.sub(r"(?<![\w.])\d+(?![\w.])", lambda match: str(self.mapped.get(int(match[0]), match[0])), text)

    def connect(self, port: int, timeout: float) -> socket.socket:
        if port not in self.mapped:
            raise ConnectionRefusedError("Connection refused")
        return socket.create_connection((self.address, self.mapped[port]), timeout=timeout)

    def close(self) -> None:
        self.mapped = {}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@cache
def supports_own_networks() -> bool:
    """Whether each pod can have its own network on this machine. SANDBOX_POD_NETWORK=mapped disables it."""
    if os.environ.get("SANDBOX_POD_NETWORK", "own") == "mapped":
        return False
    attempt = subprocess.run([*INTERPRETER, PAUSE, "try"], capture_output=True, check=False)  # noqa: S603
    return attempt.returncode == 0


def create(pod: Body, address: str) -> Network:
    """Create the network of a pod. Raises OSError."""
    if supports_own_networks():
        return OwnNetwork(pod["metadata"]["uid"], address)
    containers = pod["spec"]["containers"]
    return MappedPorts({port["containerPort"] for container in containers for port in container.get("ports") or []})
