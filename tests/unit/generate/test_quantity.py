"""Kubernetes quantities are parsed and written exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generate import quantity


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("100m", "0.1"),
        ("1", "1"),
        ("0.5", "0.5"),
        ("128Mi", "134217728"),
        ("1Gi", "1073741824"),
        ("1k", "1000"),
        ("2e3", "2000"),
    ],
)
def test_a_quantity_is_parsed_exactly(text: str, amount: str) -> None:
    assert quantity.parse(text) == Decimal(amount)


@given(st.integers(0, 10**6))
def test_an_amount_survives_writing_and_parsing(thousandths: int) -> None:
    amount = Decimal(thousandths) / 1000
    assert quantity.parse(quantity.show("requests.cpu", amount)) == amount


@pytest.mark.parametrize("text", ["", "abc", "1 Gi", "1gb", "--1", "1e"])
def test_other_text_is_rejected(text: str) -> None:
    with pytest.raises(quantity.NotAQuantity):
        quantity.parse(text)
