"""A list of the cluster goes stale while its pages are read."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from integrations.cluster.kubernetes import Kubernetes, Options
from integrations.errors import Transient


class Pages(BaseHTTPRequestHandler):
    """Two pages of pods. The first request for the second page is answered that its position has expired.

    https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses
    """

    expired: list[str]

    def do_GET(self) -> None:
        second = "continue=place" in self.path
        if second and not self.expired:
            self.expired.append(self.path)
            self._answer(
                410,
                {
                    "kind": "Status",
                    "code": 410,
                    "reason": "Expired",
                    "message": "The provided continue parameter is too old",
                },
            )
        else:
            pod = {"metadata": {"name": "second" if second else "first"}}
            self._answer(200, {"items": [pod], "metadata": {} if second else {"continue": "place"}})

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of the tests free of requests."""


@pytest.fixture
def cluster() -> Iterator[Kubernetes]:
    handler = type("PagesOfThisTest", (Pages,), {"expired": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield Kubernetes(Options(api_url=f"http://127.0.0.1:{server.server_address[1]}", token=SecretStr("0123456789")))
    server.shutdown()
    server.server_close()


@pytest.mark.fault(12, "410 for a stale list")
def test_a_stale_list_is_transient_and_read_again_later(cluster: Kubernetes) -> None:
    with pytest.raises(Transient) as stale:
        cluster.list("Pod", "shop")
    assert stale.value.refused, "a read changes nothing"
    assert [pod["metadata"]["name"] for pod in cluster.list("Pod", "shop")] == ["first", "second"]
