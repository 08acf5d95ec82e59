"""Every exchange with the sandbox's GitHub, of whatever test, judged by GitHub's own description: `python -m tests.exchanges DIR`.

While ONRAMP_EXCHANGES names a folder, each sandbox writes there what it was asked and answered, and the webhooks it sent.
Exchanges of one shape are judged once.
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
"""Emails are described as one list of several forms; a log is no JSON."""


def written(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl")):
        with path.open() as lines:
            for line in lines:
                yield json.loads(line)


def shape(value: Any) -> Any:
    """What of a value a schema could tell apart: names and types, and words that may be one of an enumeration."""
    if isinstance(value, dict):
        return tuple((name, shape(one)) for name, one in sorted(value.items()))
    if isinstance(value, list):
        return tuple(sorted({repr(shape(one)) for one in value}))
    if isinstance(value, str) and WORD.fullmatch(value):
        return value
    return type(value).__name__


def judge(one: dict[str, Any]) -> None:
    """Raises ContractBroken."""
    if one["kind"] == "webhook":
        contract.validate_webhook(one["event"], one["body"])
    else:
        contract.validate(one["method"], one["path"].removeprefix(API), one["request"], one["status"], one["response"])


def described(one: dict[str, Any]) -> bool:
    """GitHub's description has a word on it."""
    if one["kind"] == "webhook":
        return True
    return one["path"].startswith(API) and not UNDESCRIBED.search(one["path"])


def _route(one: dict[str, Any]) -> str:
    if one["kind"] == "webhook":
        return f"webhook {one['event']}"
    path = re.sub(r"/repos/[^/]+/[^/]+", "/repos/*", one["path"])
    return f"{one['method']} {re.sub(r'[0-9a-f]{40}|/[0-9]+', '#', path)} {one['status']}"


def main(folder: Path) -> int:
    seen, broken, routes, count = set(), [], set(), 0
    for one in filter(described, written(folder)):
        count += 1
        routes.add(_route(one))
        form = repr((_route(one), shape(one.get("request")), shape(one.get("response")), shape(one.get("body"))))
        if form in seen:
            continue
        seen.add(form)
        try:
            judge(one)
        except ContractBroken as error:
            broken.append(str(error))
    for words in dict.fromkeys(broken):
        print(words)  # noqa: T201 - a command
    passed = len(seen) - len(broken)
    print(f"{count} exchanges over {len(routes)} routes, {len(seen)} of different shape")  # noqa: T201
    print(f"{passed} passed, {len(broken)} failed")  # noqa: T201
    return 1 if broken or not seen else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
