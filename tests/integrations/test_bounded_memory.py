"""What an answer costs in memory, and that logs are read from their end; each call is made in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from integrations.errors import Invalid
from tests.integrations import hostile, peak
from tests.integrations.answering import Answer, serving
from tests.integrations.hostile import KIBIBYTE, MEBIBYTE, Behaviour, Peer

ROOT = Path(__file__).resolve().parents[2]
LITTLE = 24
"""MiB that a call may cost whose answer is not parsed, or given up."""
MIDDLING = 64
"""MiB that the largest answer may cost that is given up."""
MUCH = 256
"""MiB that the worst answer may cost: as many values as are allowed, in the largest form."""
GREEDY = (hostile.too_large, hostile.unannounced, hostile.bomb, hostile.endless, hostile.endless_chunk_line)


def cost(call: str, behaviour: Behaviour) -> tuple[float, str, int]:
    """(MiB that the call cost, its outcome, bytes that the server got rid of)."""
    with hostile.behaving(behaviour) as (url, peers):
        command = [sys.executable, "-m", "tests.integrations.peak", call, url]
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        kibibytes, outcome = done.stdout.split()
        return int(kibibytes) / KIBIBYTE, outcome, sum(peer.sent for peer in peers)


@pytest.mark.parametrize("behaviour", GREEDY, ids=lambda behaviour: behaviour.__name__)
@pytest.mark.parametrize("call", ["address", "page", "tree", "objects", "pod log"])
def test_a_gigabyte_costs_little(call: str, behaviour: Behaviour) -> None:
    """A tenant's own address answers with it, or a tenant's log is as long."""
    mebibytes, outcome, sent = cost(call, behaviour)
    assert outcome == ("answer" if call == "address" else "Invalid") or behaviour is hostile.endless_chunk_line
    assert mebibytes < (MIDDLING if call == "tree" else LITTLE)
    assert sent < 100 * MEBIBYTE


WORST = {
    "empty lists": b"[" + b"[]," * 499_000 + b"[]]",
    "empty objects": b"[" + b"{}," * 499_000 + b"{}]",
    "small objects": b"[" + b'{"a":0},' * 499_000 + b"{}]",
    "small objects with other names": b"[" + b",".join(b'{"%x":0}' % number for number in range(499_000)) + b"]",
    "texts": b"[" + b",".join(b'"%x"' % number for number in range(998_000)) + b"]",
    "wrong items": b'{"sha": "", "truncated": false, "tree": [' + b"{}," * 499_000 + b"{}]}",
    "wrong issues": b'{"issues": [' + b"{}," * 99_000 + b"{}]}",
    "escapes": b'["' + b"\\u0000\\ud83d\\ude00" * 400_000 + b'"]',
}


@pytest.mark.parametrize("body", WORST.values(), ids=WORST)
@pytest.mark.parametrize("call", ["objects", "tree", "tickets"])
def test_the_worst_json_costs_a_known_amount(call: str, body: bytes) -> None:
    mebibytes, outcome, _ = cost(call, hostile.whole(body))
    assert mebibytes < MUCH
    assert outcome in ("answer", "Invalid")


def build(storage: Callable[[Peer], None]) -> Behaviour:
    """A failed job, and its log at a signed address."""
    job = b'{"jobs": [{"id": 4, "name": "test", "status": "completed", "conclusion": "failure"}]}'

    def behave(peer: Peer) -> None:
        path = peer.request.split()[1]
        if path.startswith("/storage"):
            storage(peer)
        elif path.endswith("/logs"):
            host = peer.request.partition("Host: ")[2].split()[0]
            peer.head(f"Location: http://{host}/storage", "Content-Length: 0", status="302 Found")
        else:
            hostile.whole(job)(peer)

    return behave


@pytest.mark.parametrize("size", [hostile.ENORMOUS, 64 * KIBIBYTE, hostile.LINE])
def test_the_end_of_a_build_log_is_read(size: int) -> None:
    with hostile.behaving(build(partial(hostile.log, ranges=True, size=size))) as (url, peers):
        failure = peak.pipelines(url).failure("acme/greeter", 3)
    assert failure is not None
    assert failure.lines[-1] == f"{size // hostile.LINE - 1:031d}"
    assert sum(peer.sent for peer in peers) < MEBIBYTE, "only its end"


def test_a_build_log_is_read_where_the_storage_knows_no_ranges() -> None:
    size = 8 * MEBIBYTE
    with hostile.behaving(build(partial(hostile.log, ranges=False, size=size))) as (url, _):
        failure = peak.pipelines(url).failure("acme/greeter", 3)
    assert failure is not None
    assert failure.lines[-1] == f"{size // hostile.LINE - 1:031d}"


def test_a_large_build_log_without_ranges_is_given_up_with_a_sentence() -> None:
    with hostile.behaving(build(partial(hostile.log, ranges=False))) as (url, peers):
        failure = peak.pipelines(url).failure("acme/greeter", 3)
    assert failure is not None
    assert "larger than 64 MiB, the most that Onramp reads of a log" in failure.lines[-1]
    assert sum(peer.sent for peer in peers) < 100 * MEBIBYTE


@pytest.mark.parametrize("location", ["", "http://[::", "ftp://a/", "mailto:a", "//", "http://a:99999999/", "\xff"])
def test_an_odd_address_of_a_log_is_reported(location: str) -> None:
    def storage(peer: Peer) -> None:
        peer.head("Content-Length: 0", f"Location: {location}", status="302 Found")

    def logs(peer: Peer) -> None:
        redirects = peer.request.split()[1].endswith("/logs")
        storage(peer) if redirects else build(storage)(peer)

    with hostile.behaving(logs) as (url, _):
        failure = peak.pipelines(url).failure("acme/greeter", 3)
    assert failure is not None
    assert failure.lines[0].startswith("(the log could not be read: ")


@pytest.mark.parametrize("call", ["build log", "pod log"])
def test_the_end_of_a_long_log_costs_little(call: str) -> None:
    storage = partial(hostile.log, ranges=call == "build log", size=60 * MEBIBYTE)
    mebibytes, outcome, _ = cost(call, build(storage) if call == "build log" else storage)
    assert outcome == "answer"
    assert mebibytes < LITTLE


def test_a_listing_without_an_end_is_given_up() -> None:
    """Each page is small and names a next one."""
    objects = Answer({"metadata": {"continue": "more"}, "items": [{"metadata": {"name": "web"}}]})
    repositories = Answer([{"full_name": "acme/greeter"}] * 100)
    with serving(objects) as url, pytest.raises(Invalid, match="more than 10,000 objects of kind Pod"):
        peak.cluster(url).list("Pod", "shop")
    with serving(repositories) as url, pytest.raises(Invalid, match="more than 5,000 entries"):
        peak.source(url).team_repositories("acme", "web")
