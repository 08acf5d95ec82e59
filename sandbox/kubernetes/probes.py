"""Probes, really asked: HTTP and TCP, with their delays and thresholds.

Source: "Configure Liveness, Readiness and Startup Probes" and the kubelet's `prober`, whose sentences these are.
"""

import http.client
import time
from typing import Any

from sandbox.kubernetes.network import Network

Body = dict[str, Any]
EAGER = 0.5
"""Seconds between readiness probes until the first success: a kubelet, too, asks more often while not ready."""


class Connection(http.client.HTTPConnection):
    """HTTP to a port of a pod, through its network."""

    def __init__(self, network: Network, port: int, timeout: float) -> None:
        super().__init__(network.address, port, timeout=timeout)
        self._network = network
        self._limit = timeout

    def connect(self) -> None:
        self.sock = self._network.connect(self.port, self._limit)
        self.sock.settimeout(self._limit)


def port_of(container: Body, port: int | str) -> int:
    """A port given by number, or by the name that the container gives it. Raises ValueError for an unknown name."""
    if isinstance(port, int) or port.isdigit():
        return int(port)
    for one in container.get("ports") or []:
        if one.get("name") == port:
            return int(one["containerPort"])
    raise ValueError(f'couldn\'t find port: "{port}"')


def ask(probe: Body, container: Body, network: Network) -> str:
    """Asks once; what is wrong, in a kubelet's words, or nothing."""
    timeout = float(probe.get("timeoutSeconds", 1))
    if "exec" in probe:
        return ""  # a command beside the container's own is not run here
    action = probe.get("httpGet") or probe.get("tcpSocket")
    if action is None:
        return "missing probe handler"
    try:
        port = port_of(container, action["port"])
    except ValueError as error:
        return str(error)
    try:
        if "httpGet" in probe:
            return _get(action, network, port, timeout)
        network.connect(port, timeout).close()
    except (OSError, http.client.HTTPException) as error:
        return _in_words(action, f"{network.address}:{port}", error, "httpGet" in probe)
    return ""


def _get(action: Body, network: Network, port: int, timeout: float) -> str:
    connection = Connection(network, port, timeout)
    headers = {one["name"]: one.get("value", "") for one in action.get("httpHeaders") or []}
    headers = {"Host": f"{network.address}:{port}", "User-Agent": "kube-probe/1.36", "Accept": "*/*", **headers}
    try:
        connection.request("GET", action.get("path", "/"), headers=headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    return "" if 200 <= status < 400 else f"HTTP probe failed with statuscode: {status}"


def _in_words(action: Body, address: str, error: Exception, is_http: bool) -> str:
    if isinstance(error, TimeoutError):
        said = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    elif isinstance(error, ConnectionRefusedError):
        said = f"dial tcp {address}: connect: {str(error).lower()}"
    else:
        said = str(error) or type(error).__name__
    return f'Get "http://{address}{action.get("path", "/")}": {said}' if is_http else said


class Prober:
    """One probe of one running container and what it has come to. `passing` is None until it has decided."""

    def __init__(self, kind: str, spec: Body) -> None:
        self.kind, self.spec = kind, spec
        self.passing: bool | None = None
        self._due = time.monotonic() + float(spec.get("initialDelaySeconds", 0))
        self._in_a_row = 0
        self._last = ""

    def due(self) -> bool:
        return time.monotonic() >= self._due

    def take(self, problem: str) -> bool:
        """Counts one answer; whether a threshold was just passed."""
        if bool(problem) != bool(self._last):
            self._in_a_row = 0
        self._last = problem
        self._in_a_row += 1
        eager = self.kind == "readiness" and self.passing is not True
        self._due = time.monotonic() + (EAGER if eager else float(self.spec.get("periodSeconds", 10)))
        needed = int(self.spec.get("failureThreshold", 3) if problem else self.spec.get("successThreshold", 1))
        verdict = not problem
        if self._in_a_row >= needed and self.passing is not verdict:
            self.passing = verdict
            return True
        return False
