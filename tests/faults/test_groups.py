"""The index of faults: none of them is without a test that names it."""

import pytest

from tests.faults.groups import GROUPS, marked


@pytest.mark.parametrize("group", GROUPS)
def test_each_item_of_the_group_has_a_test(group: int) -> None:
    tests = marked()
    _, items = GROUPS[group]
    assert [item for item in items if (group, item) not in tests] == []


def test_no_mark_names_what_is_not_in_the_table() -> None:
    known = {(number, item) for number, (_, items) in GROUPS.items() for item in items}
    assert set(marked()) - known == set()
