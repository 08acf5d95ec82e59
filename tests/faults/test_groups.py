"""The table of faults and the list of mutants are complete and up to date."""

import pytest

from tests.faults.groups import GROUPS, marked
from tests.faults.mutants import ROOT, Mutant, mutants


@pytest.mark.parametrize("group", GROUPS)
def test_each_item_of_the_group_has_a_test(group: int) -> None:
    tests = marked()
    _, items = GROUPS[group]
    assert [item for item in items if (group, item) not in tests] == []


def test_every_mark_names_an_item_of_the_table() -> None:
    table = {(number, item) for number, (_, items) in GROUPS.items() for item in items}
    assert set(marked()) - table == set()


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.rule)
def test_the_text_that_a_mutant_replaces_occurs_once(mutant: Mutant) -> None:
    """Trying all mutants takes long and is done on demand; whether their texts still exist is checked every time."""
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.rule)
def test_the_test_of_a_mutant_exists(mutant: Mutant) -> None:
    file, _, name = mutant.test.partition("::")
    assert not name or f"def {name}(" in (ROOT / file).read_text()
