"""What the file of organisations may say of a target: no address that two could claim, no range that gives rights away."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog import address_pattern
from catalog.entries import OrganisationEntry, SyncFailed, TargetEntry, check_addresses, read_file


def read(tmp_path: Path, **target: Any) -> TargetEntry:
    values = {"cluster_url": "https://cluster.example", "address": "https://{application}.{namespace}.apps.example/"}
    organisation = {"slug": "acme", "name": "Acme", "issues_project": "PLAT", "targets": [values | target]}
    path = tmp_path / "organisations.yaml"
    path.write_text(yaml.safe_dump({"organisations": [organisation]}))
    return read_file(path)[0].targets[0]


@pytest.mark.parametrize(
    "pattern",
    [
        "https://{application}.{namespace}.apps.example/",
        "http://{application}.{namespace}.localhost:8801/",
        "https://apps.example/{namespace}/{application}/",
        "https://{namespace}.apps.example/{application}",
        "https://{application}.apps.example/{namespace}",
        "https://apps.example/v1/{application}/{namespace}/",
    ],
)
def test_an_address_that_belongs_to_one_application_is_accepted(pattern: str) -> None:
    assert address_pattern.checked(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("https://{application}-{namespace}.apps.example/", "lets two teams claim the same address"),
        ("https://{namespace}x.{application}.apps.example/", "lets two teams claim the same address"),
        ("https://apps.example/{namespace}-{application}/", "lets two teams claim the same address"),
        ("https://apps.example/{namespace}{application}/", "lets two teams claim the same address"),
        ("https://{application}.apps.example/", "must contain {namespace} exactly once"),
        ("https://{namespace}.apps.example/", "must contain {application} exactly once"),
        ("https://{application}.{namespace}.{namespace}.example/", "must contain {namespace} exactly once"),
        ("https://{application}.{namespace}.{team}.example/", "lets two teams claim the same address"),
        ("https://{application.__class__}.{application}.{namespace}.example/", "lets two teams claim the same address"),
        ("{application}.{namespace}.apps.example", "neither https:// nor http://"),
        ("ftp://{application}.{namespace}.apps.example", "neither https:// nor http://"),
        ("https://me@{application}.{namespace}.apps.example/", "only a host, a port and a path"),
        ("https://{application}.{namespace}.apps.example/?a=b", "only a host, a port and a path"),
        ("https://*.{application}.{namespace}.example/", "is not a host name"),
        ("https://{application}.{namespace}..example/", "is not a host name"),
        ("https://{application}.{namespace}.Apps.example/", "is not a host name"),
        ("https://apps.example/../{namespace}/{application}", "is not a path"),
        ("https://apps.example/(.*)/{namespace}/{application}", "is not a path"),
    ],
)
def test_an_address_that_two_could_claim_is_refused(tmp_path: Path, pattern: str, problem: str) -> None:
    with pytest.raises(SyncFailed) as failed:
        read(tmp_path, address=pattern)
    assert problem in str(failed.value)
    assert "write it like https://{application}.{namespace}.apps.example/" in str(failed.value)


@pytest.mark.parametrize(
    ("pattern", "is_ours"),
    [
        ("https://{application}.{namespace}.apps.example/", False),
        ("https://{namespace}.example/{application}/", True),
        ("https://onramp.example/{namespace}/{application}/", True),
        ("https://{namespace}.xexample/{application}/", False),
    ],
)
def test_no_application_may_get_onramps_own_address(tmp_path: Path, pattern: str, is_ours: bool) -> None:
    entry = OrganisationEntry(
        slug="acme", name="Acme", issues_project="PLAT", targets=[read(tmp_path, address=pattern)]
    )
    if not is_ours:
        check_addresses([entry], "https://onramp.example")
        return
    with pytest.raises(SyncFailed, match="lets an application claim Onramp's own address"):
        check_addresses([entry], "https://onramp.example")


def test_ranges_that_the_platform_names_are_kept(tmp_path: Path) -> None:
    entry = read(tmp_path, egress=[{"cidr": "10.20.0.0/16", "ports": [5432]}])
    assert entry.model_dump()["egress"] == [{"cidr": "10.20.0.0/16", "ports": [5432]}]
    assert read(tmp_path).egress == []


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"cidr": "10.20.0.1/16", "ports": [1]}, "is not a range of addresses like 10.20.0.0/16"),
        ({"cidr": "db.example", "ports": [1]}, "is not a range of addresses like 10.20.0.0/16"),
        ({"cidr": "169.254.169.254/32", "ports": [80]}, "hands out a node's credentials"),
        ({"cidr": "0.0.0.0/0", "ports": [5432]}, "hands out a node's credentials"),
        ({"cidr": "fd00::/8", "ports": [5432]}, "hands out a node's credentials"),
        ({"cidr": "10.20.0.0/16", "ports": []}, "at least 1 item"),
        ({"cidr": "10.20.0.0/16", "ports": [0]}, "greater than or equal to 1"),
        ({"cidr": "10.20.0.0/16"}, "Field required"),
    ],
)
def test_a_range_that_gives_too_much_is_refused(tmp_path: Path, entry: dict[str, Any], problem: str) -> None:
    with pytest.raises(SyncFailed) as failed:
        read(tmp_path, egress=[entry])
    assert problem in str(failed.value)
