"""A CODEOWNERS file suggests a team of the repository's own organisation, and nothing else."""

import pytest

from catalog import ownership
from catalog.models import Organisation, Repository, Team
from tests.conftest import Cast


@pytest.mark.parametrize(
    ("codeowners", "teams"),
    [
        ("* @acme/payments\n", [("acme", "payments")]),
        ("* @acme/first\n* @acme/last\n", [("acme", "last")]),
        ("/docs @acme/writers\n* @acme/payments @alice a@b.example\n", [("acme", "payments"), ("acme", "writers")]),
        ("# * @acme/payments\n", []),
        ("* acme/payments @acme @/payments @acme/ @a/b/c @\n", []),
    ],
)
def test_the_teams_of_a_file_in_the_order_in_which_they_count(codeowners: str, teams: list[tuple[str, str]]) -> None:
    assert ownership.named_in(codeowners) == teams


@pytest.mark.parametrize(
    ("codeowners", "suggested"),
    [
        ("* @acme/payments", "payments"),
        ("* @ACME/payments", "payments"),
        ("* @globex/payments", None),
        ("* @acme/platform", None),
        ("* @acme/unknown @acme/storefront", "storefront"),
    ],
)
def test_only_teams_of_the_repositorys_organisation_are_suggested(
    cast: Cast, codeowners: str, suggested: str | None
) -> None:
    globex = Organisation.objects.create(slug="globex", name="Globex", issues_project="G")
    Team.objects.create(organisation=globex, slug="payments", name="Payments of Globex")
    team = ownership.suggested(Repository(owner="acme", name="shop"), codeowners)
    assert (team.key if team else None) == (f"acme-{suggested}" if suggested else None)


def test_a_file_without_end_is_read_in_part(cast: Cast) -> None:
    lines = ["/x @nobody"] * ownership.MAX_LINES
    assert ownership.suggested(Repository(owner="acme", name="shop"), "\n".join([*lines, "* @acme/payments"])) is None
