"""The whole demo under kill -9 of any process, and no process left after its end."""

import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.running import Demo, alive, command, until


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for this module; a test that kills it starts it again."""
    demo = Demo(tmp_path_factory.mktemp("demo") / "var")
    demo.start()
    yield demo
    if demo.process is not None and demo.process.poll() is None:
        demo.end(signal.SIGTERM)


@pytest.mark.parametrize("word", ["gunicorn", "celery", "sandbox", "valkey-server", "pginstall"])
def test_a_killed_child_is_restarted(demo: Demo, word: str) -> None:
    until(lambda: demo.leader(word) != 0, f"{word} runs")
    killed = demo.leader(word)
    os.kill(killed, signal.SIGKILL)
    until(lambda: demo.leader(word) not in (0, killed), f"{word} restarts")
    until(demo.answers, "Onramp answers again")


def test_a_second_start_from_the_same_folder_is_refused(demo: Demo) -> None:
    second = command(*demo.words)
    assert second.returncode == 2
    assert "is already running from" in second.stderr
    assert second.stdout == ""
    assert demo.answers()


def test_management_commands_use_the_running_servers(demo: Demo) -> None:
    migrations = command("manage", "--data", str(demo.data), "showmigrations", "--plan")
    assert migrations.returncode == 0, migrations.stderr
    assert "[X]" in migrations.stdout
    assert "[ ]" not in migrations.stdout


def test_files_with_secrets_are_private(demo: Demo) -> None:
    for name in ("secret-key", "environment.json", "running.json", "postgres/password", "valkey/valkey.conf", "logs"):
        assert stat.S_IMODE((demo.data / name).stat().st_mode) & 0o077 == 0, name


@pytest.mark.fault(1, "of a worker group")
def test_the_demo_resumes_after_everything_was_killed(demo: Demo) -> None:
    """The supervisor too: the kernel then signals its children."""
    secret = (demo.data / "secret-key").read_text()
    shell = ("manage", "--data", str(demo.data), "shell", "--command")
    person = "from catalog.models import Person; {}"
    created = command(*shell, person.format("Person.objects.create(username='survivor')"))
    assert created.returncode == 0, created.stderr
    leaders = demo.leaders()

    demo.end(signal.SIGKILL)
    for leader in leaders[: len(leaders) // 2]:
        if alive(leader):
            os.kill(leader, signal.SIGKILL)
    demo.start()

    assert not [leader for leader in leaders if alive(leader)]
    lookup = command(*shell, person.format("print(Person.objects.get(username='survivor').pk)"))
    assert lookup.stdout.splitlines()[-1].isdigit(), lookup.stderr
    assert (demo.data / "secret-key").read_text() == secret


def test_an_ordinary_end_leaves_no_process_and_prints_one_line(demo: Demo) -> None:
    """The last test of this module with this demo: it is not started again."""
    leaders, marked = demo.leaders(), demo.processes()
    assert len(leaders) == 5
    assert demo.line == f"Onramp is ready at {demo.url}\n"
    assert demo.end(signal.SIGINT) == (0, "")
    assert not [pid for pid in {*leaders, *marked, *demo.processes()} if alive(pid)]
    assert not (demo.data / "environment.json").exists()


@pytest.mark.parametrize("option", ["--port", "--sandbox-port", "--smtp-port"])
def test_a_port_in_use_is_named_with_its_option(option: str, tmp_path: Path) -> None:
    words = Demo(tmp_path / "var").words
    with socket.create_server(("127.0.0.1", 0)) as used:
        words[words.index(option) + 1] = str(used.getsockname()[1])
        refused = command(*words)
    assert refused.returncode == 2
    assert option in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize("words", [["--port", "0"], ["--port", "http"], ["--port", "8800", "--smtp-port", "8800"]])
def test_impossible_ports_are_rejected(words: list[str], tmp_path: Path) -> None:
    refused = command("demo", "--data", str(tmp_path / "var"), *words)
    assert refused.returncode == 2
    assert "port" in refused.stderr
    assert not (tmp_path / "var").exists()


def test_a_folder_that_cannot_be_created_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = command("demo", "--data", str(tmp_path / "file/var"))
    assert refused.returncode == 1
    assert "--data" in refused.stderr


def test_manage_without_a_running_demo_says_so(tmp_path: Path) -> None:
    refused = command("manage", "--data", str(tmp_path), "check")
    assert refused.returncode == 1
    assert "Start bin/dev" in refused.stderr


def test_services_pass_two_urls_and_the_exit_status(tmp_path: Path) -> None:
    script = 'case "$DATABASE_URL $REDIS_URL" in postgresql://*" "redis://*) exit 7 ;; esac'
    assert command("services", "--", "sh", "-c", script).returncode == 7
