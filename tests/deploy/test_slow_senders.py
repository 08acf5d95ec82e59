"""The real web process, as the manifests start it: slow, wrong and endless senders do not stop the others."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import environment as demo
from tests.deploy.kustomization import BASE, ROOT, manifest, pod
from tests.embedded.running import free_ports

SENDERS = 40
ANSWERED = 302
"""The home page leads to sign-in. It needs no static files, which a fresh clone has not collected."""
SIGNED = b"X-GitHub-Delivery: 1\r\nX-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\n"
HEAD = b"POST /events/github/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + SIGNED
FORM = (
    b"POST /accounts/github/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One worker with the command of the manifests, against servers that these requests do not reach."""
    (number,) = free_ports(1)
    (container,) = pod(manifest(BASE, "Deployment", "onramp-web"))["containers"]
    replaced = {
        "--bind=0.0.0.0:8800": f"--bind=127.0.0.1:{number}",
        "--workers=2": "--workers=1",
        "python": sys.executable,
    }
    command = [replaced.get(word, word) for word in container["args"]]
    variables = {**demo.inherited(), **demo.onramp(demo.Ports(number, 2, 3), "x" * 50)}
    variables |= demo.servers(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
    log = tmp_path_factory.mktemp("web") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output, stderr=output)
    try:
        _until_ready(number, process, log)
        yield number
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert "Traceback" not in log.read_text(), log.read_text()[:8000]


def _until_ready(number: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError):
            if page(number) == ANSWERED:
                return
        time.sleep(0.2)
    raise AssertionError(log.read_text())


def connect(number: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", number), timeout=30)


def exchange(number: int, request: bytes) -> bytes:
    """The beginning of the answer; empty where the connection is closed without one."""
    with connect(number) as connection:
        connection.sendall(request)
        try:
            return connection.recv(4096)
        except ConnectionResetError:
            return b""


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def page(number: int) -> int:
    return status(exchange(number, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"))


SLOW: dict[str, bytes] = {
    "nothing": b"",
    "half of the request line": b"GET /sign-in",
    "headers without an end": HEAD + b"X-Padding: 1\r\n",
    "small body": HEAD + b"Content-Length: 100\r\n\r\n{",
    "large body": HEAD + b"Content-Length: 20000000\r\n\r\n" + b"x" * 70_000,
    "large form": FORM + b"Content-Length: 2000000\r\n\r\n" + b"x" * 70_000,
    "chunked body": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "refused, with a body": HEAD.replace(b"github", b"nobody") + b"Content-Length: 20000000\r\n\r\n" + b"x" * 70_000,
    "expecting to continue": HEAD + b"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n",
}


@pytest.mark.parametrize("beginning", SLOW)
def test_forty_slow_senders_do_not_delay_a_page(port: int, beginning: str) -> None:
    connections = [connect(port) for _ in range(SENDERS)]
    try:
        for connection in connections:
            connection.sendall(SLOW[beginning])
        for _ in range(3):
            assert page(port) == ANSWERED
    finally:
        for connection in connections:
            connection.close()


def test_forty_endless_senders_do_not_delay_a_page(port: int) -> None:
    """One byte after the other: each arrives before any time limit of a single read."""
    stop = threading.Event()
    connections = [connect(port) for _ in range(SENDERS)]

    def drip() -> None:
        for connection in connections:
            connection.sendall(SLOW["large body"])
        while not stop.wait(0.2):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.sendall(b"x")

    sender = threading.Thread(target=drip)
    sender.start()
    try:
        assert [page(port) for _ in range(5)] == [ANSWERED] * 5
    finally:
        stop.set()
        sender.join()
        for connection in connections:
            connection.close()


def test_who_reads_no_answer_delays_nobody(port: int) -> None:
    connections = [connect(port) for _ in range(SENDERS)]
    for connection in connections:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 4)
    try:
        assert page(port) == ANSWERED
    finally:
        for connection in connections:
            connection.close()


LIES: dict[str, tuple[bytes, set[int]]] = {
    # A connection that is closed without an answer counts as 0.
    "no length": (HEAD + b"\r\n{}", {413}),
    "beyond the limit": (HEAD + b"Content-Length: 99999999999\r\n\r\n{}", {413}),
    "negative": (HEAD + b"Content-Length: -1\r\n\r\n{}", {400}),
    "two lengths": (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", {400}),
    "length and chunks": (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "shorter than the body": (HEAD + b"Content-Length: 2\r\n\r\n{}GARBAGE\r\n\r\n", {401}),
    "huge header": (HEAD + b"X-Padding: " + b"x" * 100_000 + b"\r\n\r\n", {400, 431, 0}),
    "many headers": (HEAD + b"X-Padding: 1\r\n" * 20_000 + b"\r\n", {400, 431, 0}),
    "NUL in a header": (HEAD + b"X-Padding: \x00\r\nContent-Length: 2\r\n\r\n{}", {400}),
    "broken UTF-8 in the path": (b"GET /teams/%ED%A0%80/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", {302, 404}),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_the_body_is_refused(port: int, lie: str) -> None:
    request, statuses = LIES[lie]
    assert status(exchange(port, request)) in statuses
    assert page(port) == ANSWERED


def test_a_connection_is_kept_and_its_requests_are_answered_in_order(port: int) -> None:
    ask = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with connect(port) as connection:
        for _ in range(3):
            connection.sendall(ask % b"/nothing-here")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 302")
        connection.sendall(ask % b"/nothing-1" + ask % b"/nothing-2")
        answers = b""
        while answers.count(b"HTTP/1.1 302") < 2:
            answers += connection.recv(65_536)
        assert answers.index(b"nothing-1") < answers.index(b"nothing-2")


def test_a_body_in_pieces_is_read_whole(port: int) -> None:
    with connect(port) as connection:
        for part in (HEAD[:40], HEAD[40:], b"Content-Length: 100000\r\n\r\n", b"x" * 60_000, b"x" * 40_000):
            connection.sendall(part)
            time.sleep(0.05)
        assert connection.recv(4096).startswith(b"HTTP/1.1 401"), (
            "its signature is wrong, which only the whole body shows"
        )
