"""Whether this process can work: its database and its broker answer."""

import redis
from django.conf import settings
from django.db import Error, connection

TIMEOUT = 2.0
"""Seconds until a silent server counts as down."""


def answers() -> dict[str, bool]:
    """Part → whether it answers now."""
    return {"database": _database(), "broker": _broker()}


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _broker() -> bool:
    try:
        with redis.Redis.from_url(
            settings.ENV.redis_url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
