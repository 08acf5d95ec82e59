"""Valkey from its wheel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from portal.embedded.valkey import Valkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    made = Valkey(tmp_path / "valkey")
    yield made
    made.stop()


def test_what_was_written_outlives_kill(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.start()) as client:
        client.rpush("queue", "a ring")
        client.bgrewriteaof()
        client.waitaof(1, 0, 2000)
    assert valkey.process is not None
    valkey.process.kill()
    valkey.process.wait()
    with redis.Redis.from_url(valkey.start()) as client:
        assert client.lrange("queue", 0, -1) == [b"a ring"]


def test_asks_for_the_password_and_listens_on_the_loopback_alone(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.start()) as client:
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
    with redis.Redis(port=valkey.port) as stranger, pytest.raises(redis.exceptions.AuthenticationError):
        stranger.ping()


def test_never_evicts(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.start()) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_the_password_is_not_in_the_words_of_the_command(valkey: Valkey) -> None:
    password = valkey.start().split(":")[2].split("@")[0]
    assert valkey.process is not None
    assert password not in Path(f"/proc/{valkey.process.pid}/cmdline").read_text()


def test_keeps_its_address_over_a_restart(valkey: Valkey) -> None:
    first = valkey.start()
    valkey.stop()
    assert valkey.start() == first
