"""Reading in child processes: with the same results, within limits, and with nothing left behind."""

import ast
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import readers
import stacks
from readers import failures
from readers.limits import Limits
from readers.pool import Pool
from tests.unit.test_patterns import product_files

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"package.json": '{"scripts": {"start": "node server.js"}}', "server.js": "process.env.SHOP_KEY\n"}
HEAVY = {
    path: text
    for number in range(60)
    for path, text in (
        (f"s{number}/requirements.txt", ""),
        (f"s{number}/app.py", "if __name__ == '__main__': ..."),
        (f"s{number}/compose.yaml", "a: [" + "b, " * 120_000 + "]"),
    )
}
"""Within all limits of `stacks`, and half a minute of work."""


@pytest.fixture
def pool() -> Iterator[Callable[..., Pool]]:
    pools: list[Pool] = []

    def start(**limits: Any) -> Pool:
        pools.append(Pool(replace(Limits(), **limits)))
        return pools[-1]

    yield start
    for each in pools:
        each.close()


def read(files: dict[str, str], pool: Pool) -> stacks.Reading:
    return readers.read(sorted(files), files, "shop", pool)


def has_ended(pid: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within half a minute")


CALLERS = {
    "readers/child.py": "is the child",
    "portal/checkout.py": "reads a folder of the person who runs the command",
    "portal/management/commands/stacks.py": "reads a folder of the person who runs the command",
}
"""File → why it may read a repository in its own process."""


def test_nothing_else_reads_a_repository_in_its_own_process() -> None:
    calls = [
        f"{name}:{node.lineno}: {ast.unparse(node.func)}; use readers"
        for path in product_files()
        if (name := str(path.relative_to(ROOT))) not in CALLERS and not name.startswith(("stacks/", "generate/"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("stacks.read", "stacks.wanted", "generate.diff")
    ]
    assert not calls, "\n".join(calls)


@pytest.mark.parametrize(
    "files",
    [
        SMALL,
        {},
        {"README.md": ""},
        {"a\nb/package.json": "{}"},
        {"Dockerfile": "FROM a\nCMD b\n", "a/pom.xml": "<project/>"},
    ],
)
def test_a_child_reads_the_same(files: dict[str, str], pool: Callable[..., Pool]) -> None:
    children = pool()
    assert readers.wanted(sorted(files), children) == list(stacks.wanted(sorted(files)))
    assert read(files, children) == stacks.read(sorted(files), files, "shop")


def test_a_child_compares_the_same(pool: Callable[..., Pool]) -> None:
    assert readers.diffs([("a", "b\n", "c\n"), ("d", "e\n", None)], pool()) == [
        "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-c\n+b\n",
        "--- /dev/null\n+++ b/d\n@@ -0,0 +1 @@\n+e\n",
    ]


def test_what_no_database_stores_is_replaced(pool: Callable[..., Pool]) -> None:
    reading = read(
        {"package.json": '{"scripts": {"start": "node a.js"}, "engines": {"node": ">=20 \\u0000\\ud800"}}'}, pool()
    )
    evidence = [each.message for component in reading.components for each in component.evidence]
    assert evidence
    assert not any("\0" in message for message in evidence)
    assert "".join(evidence).encode()


def test_a_repository_that_takes_too_long_is_given_up(pool: Callable[..., Pool]) -> None:
    children = pool(seconds=1.0)
    readers.wanted(["a"], children)
    [before] = children.pids()
    with pytest.raises(failures.TooSlow, match="takes too long to read"):
        read(HEAVY, children)
    assert has_ended(before)
    assert before not in children.pids()
    assert read(SMALL, children).components


def test_a_repository_that_needs_too_much_memory_is_given_up(pool: Callable[..., Pool]) -> None:
    children = pool(memory=10 * 1024**2, seconds=60)
    with pytest.raises(failures.TooLarge, match="too much memory"):
        read(HEAVY, children)
    assert read(SMALL, children).components


def test_an_answer_that_is_too_long_is_not_read(pool: Callable[..., Pool]) -> None:
    with pytest.raises(failures.TooLarge):
        read(SMALL, pool(longest_answer=20))


def test_whoever_finds_all_children_busy_is_asked_to_try_again(pool: Callable[..., Pool]) -> None:
    children = pool(children=1, patience=0.1, seconds=60)

    def be_killed() -> None:
        with pytest.raises(failures.Failed):
            read(HEAVY, children)

    slow = threading.Thread(target=be_killed)
    slow.start()
    wait_until(lambda: bool(children.pids()))
    with pytest.raises(failures.Busy, match="Try again"):
        read(SMALL, children)
    for pid in children.pids():
        os.kill(pid, signal.SIGKILL)
    slow.join()
    assert read(SMALL, children).components


def test_an_idle_child_that_died_is_replaced(pool: Callable[..., Pool]) -> None:
    children = pool()
    readers.wanted(["a"], children)
    [before] = children.pids()
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: has_ended(before))
    assert read(SMALL, children).components


def test_a_child_gives_way_after_some_answers(pool: Callable[..., Pool]) -> None:
    children = pool(answers=2)
    seen = set()
    for _ in range(4):
        seen.update(children.pids())
        read(SMALL, children)
    assert len(seen | set(children.pids())) == 3


def test_a_child_has_no_secret_and_no_connection(pool: Callable[..., Pool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_CANARY", "canary")
    children = pool()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.set_inheritable(True)
        readers.wanted(["a"], children)
        [child] = children.pids()
        place = Path(f"/proc/{child}")
        names = {each.partition("=")[0] for each in (place / "environ").read_text(encoding="utf-8").split("\0") if each}
        files = {os.readlink(each).partition(":")[0] for each in (place / "fd").iterdir()}
    assert names == {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8"}
    assert files == {"pipe", "/dev/null"}


PARENT = """
import os, sys, threading, time
import readers
from tests.unit.test_readers import HEAVY
readers.wanted(["a"])
{act}
print(*readers.POOL.pids(), flush=True)
time.sleep(600)
"""
READS = "threading.Thread(target=readers.read, args=(sorted(HEAVY), HEAVY, 'shop'), daemon=True).start(); time.sleep(1)"
FORKS = "forked = os.fork()\nif not forked:\n    time.sleep(600)\nprint(forked, end=' ')"


@pytest.mark.parametrize("act", ["", READS, FORKS], ids=["idle", "reading", "forked"])
def test_no_child_outlives_its_parent(act: str) -> None:
    """Not even one that reads at that moment, or whose parent forked a process that lives on."""
    command = [sys.executable, "-c", PARENT.format(act=act)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        *forked, child = map(int, parent.stdout.readline().split())
        assert not has_ended(child)
        parent.kill()
        wait_until(lambda: has_ended(child))
        for pid in forked:
            os.kill(pid, signal.SIGKILL)


def test_a_forked_process_has_children_of_its_own() -> None:
    script = (
        "import os, readers\n"
        "readers.wanted(['a']); before = readers.POOL.pids()\n"
        "forked = os.fork()\n"
        "assert readers.wanted(['package.json']) == ['package.json']\n"
        "assert (readers.POOL.pids() == before) == bool(forked)\n"
        "if forked: assert os.waitpid(forked, 0)[1] == 0\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)
