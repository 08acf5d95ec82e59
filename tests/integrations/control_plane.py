"""A real Kubernetes control plane on the loopback, from the programs in KUBEBUILDER_ASSETS, as with envtest.

`etcd` and `kube-apiserver` are required; `kube-controller-manager` is started if it is present.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

START_SECONDS = 120
TOKENS = {"platform": "platform-token", "onramp": "onramp-token"}


@dataclass
class ControlPlane:
    """A running control plane. `controllers`: the controller manager runs too."""

    folder: Path
    programs: Path
    url: str = ""
    controllers: bool = False
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def ca_file(self) -> Path:
        return self.folder / "certificates" / "apiserver.crt"

    def start(self, program: str, *flags: str) -> None:
        with (self.folder / f"{program}.log").open("ab") as log:
            environment = {**os.environ, "TMPDIR": str(self.folder)}
            command = [str(self.programs / program), *flags]
            self.running.append(subprocess.Popen(command, stdout=log, stderr=log, env=environment))

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if time.monotonic() > deadline or any(process.poll() is not None for process in self.running):
                raise RuntimeError((self.folder / "kube-apiserver.log").read_text()[-3000:])
            time.sleep(0.2)

    def _is_ready(self) -> bool:
        headers = {"Authorization": f"Bearer {TOKENS['platform']}"}
        try:
            return requests.get(f"{self.url}/readyz", headers=headers, verify=str(self.ca_file), timeout=2).ok
        except OSError:  # it does not listen yet, or has not written its certificate
            return False

    def stop(self) -> None:
        for process in reversed(self.running):
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def programs() -> Path | None:
    """The folder of the programs, or None if a required one is missing."""
    named = os.environ.get("KUBEBUILDER_ASSETS", "")
    folder = Path(named) if named else None
    complete = folder and all((folder / name).exists() for name in ("etcd", "kube-apiserver"))
    return folder if complete else None


@contextmanager
def running(programs: Path, folder: Path, *flags: str) -> Iterator[ControlPlane]:
    """A fresh control plane with its state in `folder`; users `platform` (administrator) and `onramp` (no rights yet). `flags` go
    to the API server."""
    plane = ControlPlane(folder, programs)
    client, peer, api, manager = _free_ports(4)
    plane.url = f"https://127.0.0.1:{api}"
    (folder / "certificates").mkdir()
    key = _service_account_key(folder / "service-accounts.key")
    tokens = folder / "tokens"
    tokens.write_text(f'{TOKENS["platform"]},platform,platform,"system:masters"\n{TOKENS["onramp"]},onramp,onramp\n')
    try:
        _start_store(plane, client, peer)
        _start_api(plane, client, api, key, tokens, *flags)
        plane.wait_until_ready()
        if (programs / "kube-controller-manager").exists():
            _start_controllers(plane, manager, key)
        yield plane
    finally:
        plane.stop()


def _free_ports(count: int) -> list[int]:
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in servers]
    for server in servers:
        server.close()
    return ports


def _service_account_key(path: Path) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return path


def _start_store(plane: ControlPlane, client: int, peer: int) -> None:
    clients, peers = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    plane.start(
        "etcd",
        f"--data-dir={plane.folder / 'etcd'}",
        f"--listen-client-urls={clients}",
        f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=default={peers}",
        "--unsafe-no-fsync",
    )


def _start_api(plane: ControlPlane, client: int, api: int, key: Path, tokens: Path, *flags: str) -> None:
    plane.start(
        "kube-apiserver",
        f"--etcd-servers=http://127.0.0.1:{client}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={api}",
        f"--cert-dir={plane.folder / 'certificates'}",
        f"--token-auth-file={tokens}",
        "--authorization-mode=Node,RBAC",
        "--service-cluster-ip-range=10.99.0.0/16",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--endpoint-reconciler-type=none",
        *flags,
    )


def _start_controllers(plane: ControlPlane, port: int, key: Path) -> None:
    kubeconfig = plane.folder / "kubeconfig"
    kubeconfig.write_text(kubeconfig_text(plane.url, plane.ca_file, TOKENS["platform"]))
    plane.start(
        "kube-controller-manager",
        f"--kubeconfig={kubeconfig}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--service-account-private-key-file={key}",
        f"--root-ca-file={plane.ca_file}",
        "--use-service-account-credentials=true",
        "--leader-elect=false",
        f"--cert-dir={plane.folder / 'certificates'}",
    )
    plane.controllers = True


def kubeconfig_text(url: str, ca_file: Path | None, token: str) -> str:
    """A kubeconfig for one cluster and one user."""
    authority = f', certificate-authority: "{ca_file}"' if ca_file else ""
    return f"""apiVersion: v1
kind: Config
clusters: [{{name: local, cluster: {{server: "{url}"{authority}}}}}]
users: [{{name: user, user: {{token: {token}}}}}]
contexts: [{{name: local, context: {{cluster: local, user: user}}}}]
current-context: local
"""
