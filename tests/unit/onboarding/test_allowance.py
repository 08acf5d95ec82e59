"""A team's allowance: what is granted, held and requested."""

from decimal import Decimal
from typing import Any, cast

import pytest

from catalog.models import Organisation, Target, Team
from integrations.cluster import ClusterReader
from integrations.errors import Invalid
from tenancy import allowance
from tenancy.allowance import Account, Quotas, as_quantities, quota_of, total


def account(granted: dict[str, str] | None, held: dict[str, str], requested: dict[str, str]) -> Account:
    return Account(None if granted is None else total([granted]), total([held]), total([requested]))


def test_demands_are_added_up_by_resource() -> None:
    demands = [{"requests.cpu": "250m", "pods": "1"}, {"requests.cpu": "1"}]
    assert total(demands) == {"requests.cpu": Decimal("1.25"), "pods": Decimal(1)}


def test_a_request_fits_up_to_the_granted_amount() -> None:
    assert account({"pods": "3"}, {"pods": "1"}, {"pods": "2"}).fits
    assert not account({"pods": "3"}, {"pods": "2"}, {"pods": "2"}).fits


def test_only_the_excess_is_missing() -> None:
    current = account({"pods": "3", "requests.cpu": "1"}, {"pods": "2"}, {"pods": "2", "requests.cpu": "1"})
    assert current.missing == {"pods": Decimal(1)}


def test_a_resource_without_a_limit_always_fits() -> None:
    assert account({"pods": "1"}, {}, {"pods": "1", "requests.cpu": "64"}).fits


def test_without_an_allowance_nothing_fits_and_everything_is_missing() -> None:
    current = account(None, {}, {"pods": "1"})
    assert not current.fits
    assert current.missing == {"pods": Decimal(1)}
    assert current.describe() == "the team has no allowance on this cluster"


def test_an_empty_request_needs_an_allowance_too() -> None:
    assert not account(None, {}, {}).fits


def test_the_description_names_only_the_resources_that_are_missing() -> None:
    current = account({"pods": "1", "requests.memory": "1Gi"}, {"pods": "1"}, {"pods": "1", "requests.memory": "64Mi"})
    assert current.describe() == "pods: 1 requested, 1 in use, 1 granted"


def test_amounts_are_written_as_quantities() -> None:
    amounts = total([{"requests.memory": "1Gi", "requests.cpu": "250m", "pods": "2"}])
    assert as_quantities(amounts) == {"pods": "2", "requests.cpu": "250m", "requests.memory": "1024Mi"}


def test_a_quota_names_only_what_every_application_asked_for() -> None:
    """The pods of an older application count against every line of the quota, also against those it has no room in."""
    older, newer = {"pods": "3", "requests.cpu": "1"}, {"pods": "3", "requests.cpu": "1", "limits.cpu": "5"}
    assert quota_of([newer, newer]) == {"limits.cpu": "10", "pods": "6", "requests.cpu": "2"}
    assert quota_of([older, newer]) == {"pods": "6", "requests.cpu": "2"}


def test_a_namespace_without_applications_has_room_for_no_pod() -> None:
    assert quota_of([]) == {"pods": "0"}


class Answering:
    """A cluster whose allowance is whatever it says."""

    name = "kubernetes"

    def __init__(self, manifest: dict[str, Any] | None) -> None:
        self.manifest = manifest

    def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        return self.manifest

    def list(self, kind: str, namespace: str | None = None, labels: object = None) -> list[dict[str, Any]]:
        return []


def read(manifest: dict[str, Any] | None) -> Quotas:
    team = Team(slug="storefront", name="Storefront", organisation=Organisation(slug="acme"))
    return allowance.quotas(cast(ClusterReader, Answering(manifest)), Target(), team)


@pytest.mark.parametrize(
    "manifest", [{}, {"spec": None}, {"spec": {}}, {"spec": {"hard": None}}, {"spec": {"hard": []}}]
)
def test_an_allowance_that_says_nothing_grants_nothing(manifest: dict[str, Any]) -> None:
    assert read(manifest).allowance == {}


def test_an_allowance_that_cannot_be_read_is_an_error_of_the_cluster() -> None:
    with pytest.raises(Invalid, match="cannot be read: 'plenty' is not a quantity"):
        read({"spec": {"hard": {"pods": "plenty"}}})
