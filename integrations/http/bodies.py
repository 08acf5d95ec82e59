"""Reads the body of an answer: no more than its kind allows, decompressed piece by piece, and JSON only if it is harmless."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse

from integrations.errors import IntegrationError, Invalid
from integrations.http import json_bodies, watchdog
from integrations.http.calls import Call
from integrations.http.kinds import MEBIBYTE, Kind, expected

BLOCK = 64 * 1024
MAX_HEADERS = 64 * 1024
"""Characters of all headers together. Python's own limits (100 headers of 64 KiB) allow six megabytes."""
MAX_REFUSAL = 64 * 1024
"""Bytes that are read of an answer of 400 or more: its status matters, and its words are only shown."""


def receive(call: Call, response: BaseHTTPResponse) -> bytes:
    """The body of the answer to this call, read to its end, and recorded.

    Raises Invalid for an answer that is larger than its kind, or JSON that would harm its reader. A refusal is cut
    instead, because its status says enough.
    """
    try:
        _check_headers(call.provider, response.headers)
        refused = response.status >= 400
        body = _read(call.provider, response, expected(), refused)
        body = _checked(call.provider, body, refused)
    except IntegrationError:
        call.status = response.status  # it did answer
        response.close()
        raise
    call.answered(response.status, response.headers, body)
    return body


def _check_headers(provider: str, headers: Mapping[str, str]) -> None:
    size = sum(len(name) + len(value) for name, value in headers.items())
    if size > MAX_HEADERS:
        raise Invalid(provider, f"the answer's headers have {size:,} characters; Onramp reads up to {MAX_HEADERS:,}")
    location = headers.get("Location", "")
    try:  # client libraries parse it even where they do not follow it
        _ = urlsplit(location.encode("latin-1").decode()).port
    except ValueError as error:
        raise Invalid(provider, "the answer redirects to something that is not a URL", detail=location) from error


def _read(provider: str, response: BaseHTTPResponse, kind: Kind, refused: bool) -> bytes:
    if kind.limit:
        return _beginning(response) if refused else _whole(provider, response, kind)
    response.close()
    return b""


def _beginning(response: BaseHTTPResponse) -> bytes:
    body = bytearray()
    for block in _blocks(response):
        body += block
        if len(body) > MAX_REFUSAL:
            response.close()
            break
    return bytes(body[:MAX_REFUSAL])


def _whole(provider: str, response: BaseHTTPResponse, kind: Kind) -> bytes:
    """All of it, or its end where the kind keeps no more. Raises Invalid."""
    body, size = bytearray(), 0
    for block in _blocks(response):
        size += len(block)
        if max(size, response.tell()) > kind.limit:
            raise _too_large(provider, kind)
        body += block
        if kind.kept and len(body) > 2 * kind.kept:
            del body[: -kind.kept]
    return bytes(body[-kind.kept :])


def _blocks(response: BaseHTTPResponse) -> Iterator[bytes]:
    """Pieces of the body, decompressed, as they arrive.

    `read1` and not `stream`: it decompresses no more than it returns, and the lines between chunks have a limit.
    """
    while block := response.read1(BLOCK, decode_content=True):
        watchdog.check()
        yield block


def _checked(provider: str, body: bytes, refused: bool) -> bytes:
    if expected().kept and not refused:
        return body
    try:
        return json_bodies.checked(provider, body, expected().values)
    except Invalid:
        if refused:
            return b""
        raise


def _too_large(provider: str, kind: Kind) -> Invalid:
    limit = f"{kind.limit // MEBIBYTE} MiB"
    return Invalid(provider, f"the answer is larger than {limit}, the most that Onramp reads of {kind.name}")
