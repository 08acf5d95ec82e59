"""The index of faults: none of them is without a test that names it."""

import pytest

from tests.faults.groups import GROUPS, marked
from tests.faults.mutants import ROOT, Mutant, mutants


@pytest.mark.parametrize("group", GROUPS)
def test_each_item_of_the_group_has_a_test(group: int) -> None:
    tests = marked()
    _, items = GROUPS[group]
    assert [item for item in items if (group, item) not in tests] == []


def test_no_mark_names_what_is_not_in_the_table() -> None:
    known = {(number, item) for number, (_, items) in GROUPS.items() for item in items}
    assert set(marked()) - known == set()


@pytest.mark.parametrize("mutant", mutants(), ids=lambda one: one.rule)
def test_what_a_mutant_takes_out_is_there_once(mutant: Mutant) -> None:
    """Trying them all takes long, and is done on demand; that their text is still there is seen each time."""
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
