"""Servers on the loopback for answers that no sandbox would give."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. `body` is sent as it is if it is text or bytes, and as JSON otherwise."""

    body: object = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


Answers = Answer | Mapping[str, Answer]
"""One answer to every request, or one for each beginning of "METHOD /path"."""


@contextmanager
def answering(body: str, status: int = 200, **headers: str) -> Iterator[str]:
    """The address of a server that gives this answer to every request."""
    with serving(Answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()})) as url:
        yield url


@contextmanager
def serving(answers: Answers) -> Iterator[str]:
    """The address of a server with these answers, on a free port."""

    class Handler(BaseHTTPRequestHandler):
        wbufsize = -1  # head and body are sent together

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = _answer_to(answers, f"{self.command} {self.path}")
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if "Date" not in answer.headers:
                self.send_header("Date", self.date_time_string())
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _answer_to(answers: Answers, request: str) -> Answer:
    if isinstance(answers, Answer):
        return answers
    for beginning, answer in answers.items():
        if request.startswith(beginning):
            return answer
    return Answer(f"the test has no answer to {request}", 500)


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
