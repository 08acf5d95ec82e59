"""A list of the cluster that goes stale while its pages are read, as a watch does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from integrations.cluster.kubernetes import Kubernetes, Options
from integrations.errors import Transient


class Pages(BaseHTTPRequestHandler):
    """Two pages of pods. The place where the first one ended is forgotten once.

    https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses
    """

    forgotten: list[str]

    def do_GET(self) -> None:
        second = "continue=place" in self.path
        if second and not self.forgotten:
            self.forgotten.append(self.path)
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

    def _answer(self, status: int, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The test tells what it needs to know."""


@pytest.fixture
def cluster() -> Iterator[Kubernetes]:
    handler = type("Fresh", (Pages,), {"forgotten": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield Kubernetes(Options(api_url=f"http://127.0.0.1:{server.server_address[1]}", token=SecretStr("0123456789")))
    server.shutdown()
    server.server_close()


@pytest.mark.fault(12, "watch gone")
def test_a_list_that_went_stale_is_read_again_later(cluster: Kubernetes) -> None:
    with pytest.raises(Transient) as stale:
        cluster.list("Pod", "shop")
    assert stale.value.refused, "nothing was done"
    assert [one["metadata"]["name"] for one in cluster.list("Pod", "shop")] == ["first", "second"]
