"""Valkey from its wheel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from portal.embedded.valkey import Valkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "valkey")
    yield server
    server.stop()


def test_written_data_survive_a_kill(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.start()) as client:
        client.rpush("queue", "a notification")
        client.bgrewriteaof()
        client.waitaof(1, 0, 2000)
    assert valkey.process is not None
    valkey.process.kill()
    valkey.process.wait()
    with redis.Redis.from_url(valkey.start()) as client:
        assert client.lrange("queue", 0, -1) == [b"a notification"]


def test_it_requires_the_password_and_listens_only_on_the_loopback(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.start()) as client:
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
    with redis.Redis(port=valkey.port) as stranger, pytest.raises(redis.exceptions.AuthenticationError):
        stranger.ping()


def test_it_never_evicts(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.start()) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_the_password_is_not_an_argument_of_the_command(valkey: Valkey) -> None:
    password = valkey.start().split(":")[2].split("@")[0]
    assert valkey.process is not None
    assert password not in Path(f"/proc/{valkey.process.pid}/cmdline").read_text()


def test_its_url_survives_a_restart(valkey: Valkey) -> None:
    first = valkey.start()
    valkey.stop()
    assert valkey.start() == first
