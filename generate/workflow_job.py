"""What all jobs of a generated workflow share."""

from typing import Any

from generate.pinned_actions import CHECKOUT

RUNNER = "ubuntu-24.04"
Job = dict[str, Any]


def checkout(**options: object) -> dict[str, Any]:
    return {"uses": CHECKOUT.reference, "with": {"persist-credentials": False, **options}}
