"""The planner finds a row by its key, and not in an index of all running steps or active runs.

Such an index is small, so the planner prefers it, but every execution leaves a dead entry in it.
"""

import itertools
import re

import pytest
from django.db import connection

from engine import statements

STATEMENTS = {
    "complete": statements.COMPLETE,
    "intend_effect": statements.INTEND_EFFECT,
    "claim": statements.CLAIM,
    "wake_step": statements.WAKE_STEP,
}


def full_scans(statement: str) -> list[str]:
    """The indexes that the plan of any execution reads from end to end, and "table" for a table."""
    numbers = {
        name: f"${number}" for number, name in enumerate(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)), 1)
    }
    text = re.sub(r"%\((\w+)\)s", lambda match: numbers[match[1]], statement).replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (GENERIC_PLAN, COSTS off) {text}")
        lines = [line for (line,) in cursor.fetchall()]
    scans = [
        re.search(r"using (\w+)", line) or re.search(r"(Seq Scan)", line)
        for line, following in itertools.pairwise([*lines, ""])
        if re.search(r"Index (Only )?Scan using|Seq Scan", line) and "Index Cond" not in following
    ]
    return [scan[1] for scan in scans if scan]


@pytest.mark.django_db
@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_finds_its_rows_by_keys(name: str) -> None:
    assert full_scans(STATEMENTS[name]) == []
