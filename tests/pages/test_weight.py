"""A page with everything it loads stays within its budget: 60 KB compressed."""

import gzip
import re

from django.contrib.staticfiles import finders
from django.test import Client

from tests.conftest import Cast
from tests.pages import rows

BUDGET = 60_000


def test_the_heaviest_page_stays_within_the_budget(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    blocker = rows.block(cast, row)
    rows.ticket(blocker)
    content = alice.get(f"/onboardings/{row.pk}/").content
    parts = set(re.findall(r'(?:href|src)="/static/([^"]+)"', content.decode()))
    assert len(parts) > 10
    weights = {part: _weight(part) for part in parts} | {"page": len(gzip.compress(content))}
    assert sum(weights.values()) <= BUDGET, weights


def _weight(part: str) -> int:
    """Bytes of a static file as whitenoise serves it."""
    path = finders.find(part)
    assert path is not None, part
    with open(path, "rb") as file:
        return len(gzip.compress(file.read()))
