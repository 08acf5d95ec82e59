"""A change of what is generated is an edition of its own, so that applications that are behind are found."""

import hashlib

from onboarding import generate
from tests.unit.generate.proposals import STACKS, made

WRITTEN = {"2026-11-27": "8a10c10350ccf81b0dd6860cf39c868166b47bbd53a5b752cb2722c485246d69"}
"""Edition → digest of what it writes for every stack."""


def test_what_is_generated_is_what_the_edition_says() -> None:
    texts = "".join(
        f"{stack}\0{path}\0{text}\0" for stack in STACKS for path, text in sorted(made(STACKS[stack]).items())
    )
    found = hashlib.sha256(texts.encode()).hexdigest()
    assert WRITTEN[generate.TEMPLATE] == found, (
        "What is generated has changed. Name the new edition in onboarding/generate/template.py with what it brings, and its "
        f"digest here: {found}"
    )


def test_editions_are_in_order_and_the_newest_counts() -> None:
    assert list(generate.EDITIONS) == sorted(generate.EDITIONS)
    assert max(generate.EDITIONS) == generate.TEMPLATE
    assert generate.since(generate.TEMPLATE) == []
    assert generate.since("") == list(reversed(generate.EDITIONS.values()))
