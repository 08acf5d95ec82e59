"""How a pod is reached, and what its program may listen on.

Where the machine lets us, each pod has a network of its own (`pause`). Where it does not, all pods share the
machine's: then each declared port is mapped to a free one, in the environment and the arguments of the container.
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
    """One pod's network. `address` is its pod IP; `says` tells people where it is not as in earnest."""

    address: str
    says = ""

    @abstractmethod
    def command(self, words: list[str]) -> list[str]:
        """What to run so that these words run inside the network."""

    @abstractmethod
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        """The environment as it has to be inside."""

    @abstractmethod
    def connect(self, port: int, timeout: float) -> socket.socket:
        """A connection to a port of the pod. Raises OSError where nothing listens there."""

    @abstractmethod
    def close(self) -> None: ...


class OwnNetwork(Network):
    def __init__(self, uid: str, address: str) -> None:
        self.address = address
        self._folder = Path(tempfile.mkdtemp(prefix="pod-"))  # short: a socket's path has at most 107 bytes
        self._door = str(self._folder / "door")
        command = [*INTERPRETER, PAUSE, "hold", self._door, address]
        self._pause = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)  # noqa: S603
        processes.remember(self._pause.pid, f"pod {uid}")
        if self._pause.stdout is None or self._pause.stdout.readline() != b"held\n":
            self.close()
            raise OSError("the pod's network could not be made")

    def command(self, words: list[str]) -> list[str]:
        return [*INTERPRETER, PAUSE, "enter", str(self._pause.pid), *words]

    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment

    def connect(self, port: int, timeout: float) -> socket.socket:
        door = socket.socket(socket.AF_UNIX)
        door.settimeout(timeout)
        try:
            door.connect(self._door)
            door.sendall(f"{port}\n".encode())
            said = b""
            while not said.endswith(b"\n"):
                byte = door.recv(1)
                if not byte:
                    raise ConnectionResetError("the pod is gone")
                said += byte
        except OSError:
            door.close()
            raise
        if said[:1] != b"+":
            door.close()
            raise ConnectionRefusedError(said[1:].decode(errors="replace").strip())
        return door

    def close(self) -> None:
        processes.end(self._pause, grace=0)
        for pipe in (self._pause.stdin, self._pause.stdout):
            if pipe is not None:
                pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class MappedPorts(Network):
    says = "This machine gives pods no network of their own, so the container's ports were mapped to free ones:"

    def __init__(self, ports: set[int]) -> None:
        self.address = "127.0.0.1"
        self.mapped = {port: _free_port() for port in sorted(ports)}
        self.says = f"{self.says} {', '.join(f'{port} is {free}' for port, free in self.mapped.items()) or 'none'}"

    def command(self, words: list[str]) -> list[str]:
        return [self._replaced(word) for word in words]

    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return {name: self._replaced(value) for name, value in environment.items()}

    def _replaced(self, text: str) -> str:
        return re.sub(r"(?<![\w.])\d+(?![\w.])", lambda found: str(self.mapped.get(int(found[0]), found[0])), text)

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
def pods_have_their_own() -> bool:
    """Whether this machine lets a pod have a network of its own. SANDBOX_POD_NETWORK=mapped says no to it."""
    if os.environ.get("SANDBOX_POD_NETWORK", "own") == "mapped":
        return False
    tried = subprocess.run([*INTERPRETER, PAUSE, "try"], capture_output=True, check=False)  # noqa: S603
    return tried.returncode == 0


def of_pod(pod: Body, address: str) -> Network:
    """A network for a pod."""
    if pods_have_their_own():
        return OwnNetwork(pod["metadata"]["uid"], address)
    declared = [port["containerPort"] for one in pod["spec"]["containers"] for port in one.get("ports") or []]
    return MappedPorts(set(declared))
