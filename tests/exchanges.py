"""Check recorded exchanges with the sandbox's GitHub against GitHub's description: `python -m tests.exchanges DIR`.

While ONRAMP_EXCHANGES names a folder, every sandbox records its requests, responses and webhooks there.
Exchanges of the same shape are checked once.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests import contract
from tests.contract import ContractBroken

API = "/github/api/v3"
WORD = re.compile(r"[a-z_]{1,24}")
UNDESCRIBED = re.compile(r"/user/emails$|/logs$|/_private/")
"""Emails are described as a list of several forms, and logs are not JSON."""


def recorded(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl")):
        with path.open() as lines:
            for line in lines:
                yield json.loads(line)


def shape(value: Any) -> Any:
    """The parts of a value that a schema can distinguish: names, types, and words that may belong to an enumeration."""
    if isinstance(value, dict):
        return tuple((name, shape(item)) for name, item in sorted(value.items()))
    if isinstance(value, list):
        return tuple(sorted({repr(shape(item)) for item in value}))
    if isinstance(value, str) and WORD.fullmatch(value):
        return value
    return type(value).__name__


def check(exchange: dict[str, Any]) -> None:
    """Raises ContractBroken."""
    if exchange["kind"] == "webhook":
        contract.validate_webhook(exchange["event"], exchange["body"])
    else:
        contract.validate(
            exchange["method"],
            exchange["path"].removeprefix(API),
            exchange["request"],
            exchange["status"],
            exchange["response"],
        )


def is_described(exchange: dict[str, Any]) -> bool:
    """Whether GitHub's description covers the exchange."""
    if exchange["kind"] == "webhook":
        return True
    return exchange["path"].startswith(API) and not UNDESCRIBED.search(exchange["path"])


def _route(exchange: dict[str, Any]) -> str:
    if exchange["kind"] == "webhook":
        return f"webhook {exchange['event']}"
    path = re.sub(r"/repos/[^/]+/[^/]+", "/repos/*", exchange["path"])
    return f"{exchange['method']} {re.sub(r'[0-9a-f]{40}|/[0-9]+', '#', path)} {exchange['status']}"


def main(folder: Path) -> int:
    shapes, broken, routes, count = set(), [], set(), 0
    for exchange in filter(is_described, recorded(folder)):
        count += 1
        routes.add(_route(exchange))
        parts = [shape(exchange.get(part)) for part in ("request", "response", "body")]
        key = repr((_route(exchange), *parts))
        if key in shapes:
            continue
        shapes.add(key)
        try:
            check(exchange)
        except ContractBroken as error:
            broken.append(str(error))
    for message in dict.fromkeys(broken):
        print(message)  # noqa: T201 - a command
    passed = len(shapes) - len(broken)
    print(f"{count} exchanges over {len(routes)} routes, {len(shapes)} of different shapes")  # noqa: T201
    print(f"{passed} passed, {len(broken)} failed")  # noqa: T201
    return 1 if broken or not shapes else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
