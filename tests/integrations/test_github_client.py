"""GitHub's client on its own, against a server whose answers the sandbox would not give."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from integrations import http
from integrations.errors import Transient
from integrations.github_client import GitHubClient

TOKEN = SecretStr("0123456789")


class Echo(BaseHTTPRequestHandler):
    """Answers with the method and path of the request; below /moved/ with a redirect, below /later/ with 202."""

    wbufsize = -1

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        if path.startswith("/moved/"):
            self.send_response(int(path.split("/")[2]))
            self.send_header("Location", path.removeprefix(f"/moved/{path.split('/')[2]}") or "/moved/301")
        else:
            self.send_response(202 if path.startswith("/later/") else 200)
        body = f'"{self.command} {path}"'.encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def client() -> Iterator[GitHubClient]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield GitHubClient(f"http://127.0.0.1:{server.server_address[1]}", TOKEN)
    server.shutdown()
    server.server_close()


@pytest.mark.fault(5, "two people")
def test_concurrent_requests_get_their_own_answers(client: GitHubClient) -> None:
    """The threads of the web process share one client: no request may get the answer of another person's."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            paths = [f"/repos/acme/{number}" for number in range(400)]
            assert list(pool.map(lambda path: client.call("GET", path), paths)) == [f"GET {path}" for path in paths]
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_to_the_new_address_is_followed(client: GitHubClient, method: str, status: int) -> None:
    body = {"name": "web"} if method == "POST" else None
    assert client.call(method, f"/moved/{status}/repositories/7", body) == f"{method} /repositories/7"


@pytest.mark.fault(9, "redirect loop")
def test_an_endless_redirect_is_given_up(client: GitHubClient) -> None:
    path = "/moved/301" * 10
    with http.recording() as calls, pytest.raises(Transient) as refused:
        client.call("GET", path)
    assert len(calls) <= 5
    assert refused.value.refused, "the request had no effect"


def test_an_answer_that_is_not_ready_is_transient_and_requested_once(client: GitHubClient) -> None:
    with http.recording() as calls, pytest.raises(Transient):
        client.call("GET", "/later/statistics")
    assert len(calls) == 1, "the step tries again when it is due"
