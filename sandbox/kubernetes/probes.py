"""Probes: real HTTP and TCP checks with their delays and thresholds.

Source: "Configure Liveness, Readiness and Startup Probes" and the kubelet's `prober`, which is where the messages are
from.
"""

import http.client
import time
from typing import Any

from sandbox.kubernetes.network import Network

Body = dict[str, Any]
UNREADY_PERIOD = 0.5
"""Seconds between readiness probes until the first success. A kubelet also probes more often while not ready."""


class Connection(http.client.HTTPConnection):
    """HTTP to a port of a pod, through its network."""

    def __init__(self, network: Network, port: int, timeout: float) -> None:
        super().__init__(network.address, port, timeout=timeout)
        self._network = network
        self._limit = timeout

    def connect(self) -> None:
        self.sock = self._network.connect(self.port, self._limit)
        self.sock.settimeout(self._limit)


def port_number(container: Body, port: int | str) -> int:
    """The number of a port, which can be named as in the container's spec. Raises ValueError for an unknown name."""
    if isinstance(port, int) or port.isdigit():
        return int(port)
    for declared in container.get("ports") or []:
        if declared.get("name") == port:
            return int(declared["containerPort"])
    raise ValueError(f'couldn\'t find port: "{port}"')


def check(probe: Body, container: Body, network: Network) -> str:
    """Run the probe once. Returns the problem in a kubelet's words; empty for a success."""
    timeout = float(probe.get("timeoutSeconds", 1))
    if "exec" in probe:
        return ""  # the sandbox does not run commands in a container
    action = probe.get("httpGet") or probe.get("tcpSocket")
    if action is None:
        return "missing probe handler"
    try:
        port = port_number(container, action["port"])
    except ValueError as error:
        return str(error)
    try:
        if "httpGet" in probe:
            return _get(action, network, port, timeout)
        network.connect(port, timeout).close()
    except (OSError, http.client.HTTPException) as error:
        return _message(action, f"{network.address}:{port}", error, "httpGet" in probe)
    return ""


def _get(action: Body, network: Network, port: int, timeout: float) -> str:
    connection = Connection(network, port, timeout)
    headers = {header["name"]: header.get("value", "") for header in action.get("httpHeaders") or []}
    headers = {"Host": f"{network.address}:{port}", "User-Agent": "kube-probe/1.36", "Accept": "*/*", **headers}
    try:
        connection.request("GET", action.get("path", "/"), headers=headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    return "" if 200 <= status < 400 else f"HTTP probe failed with statuscode: {status}"


def _message(action: Body, address: str, error: Exception, is_http: bool) -> str:
    if isinstance(error, TimeoutError):
        message = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    elif isinstance(error, ConnectionRefusedError):
        message = f"dial tcp {address}: connect: {str(error).lower()}"
    else:
        message = str(error) or type(error).__name__
    return f'Get "http://{address}{action.get("path", "/")}": {message}' if is_http else message


class Prober:
    """The results of one probe of a running container. `passing` is None until a threshold is reached."""

    def __init__(self, kind: str, spec: Body) -> None:
        self.kind, self.spec = kind, spec
        self.passing: bool | None = None
        self._due = time.monotonic() + float(spec.get("initialDelaySeconds", 0))
        self._consecutive = 0
        self._last_problem = ""

    def due(self) -> bool:
        return time.monotonic() >= self._due

    def record(self, problem: str) -> bool:
        """Count one result. Returns whether `passing` has changed."""
        if bool(problem) != bool(self._last_problem):
            self._consecutive = 0
        self._last_problem = problem
        self._consecutive += 1
        unready = self.kind == "readiness" and self.passing is not True
        self._due = time.monotonic() + (UNREADY_PERIOD if unready else float(self.spec.get("periodSeconds", 10)))
        threshold = int(self.spec.get("failureThreshold", 3) if problem else self.spec.get("successThreshold", 1))
        passing = not problem
        if self._consecutive >= threshold and self.passing is not passing:
            self.passing = passing
            return True
        return False
