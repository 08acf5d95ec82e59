"""What the statements return fits the rows that are built from it."""

from engine import statements
from engine.models import Step


def test_held_columns_are_in_the_order_of_the_models_fields() -> None:
    """`Model.from_db` goes by position: in another order two columns of a claimed step would be swapped."""
    fields = [field.attname for field in Step._meta.concrete_fields]
    assert list(statements.HELD_COLUMNS) == sorted(statements.HELD_COLUMNS, key=fields.index)


def test_both_statements_return_the_held_columns_in_this_order() -> None:
    returned = ", ".join(f"s.{column}" for column in statements.HELD_COLUMNS)
    for statement in (statements.CLAIM, statements.COMPLETE):
        assert returned in " ".join(str(statement).split())
