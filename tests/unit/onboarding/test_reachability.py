"""A default that pods could not reach is a warning of the plan."""

import pytest

from onboarding.plans.reachability import warnings
from stacks import Component, Evidence
from stacks.components import Setting

DATABASES = [{"cidr": "10.3.0.0/16", "ports": [5432]}, {"cidr": "fd00:3::/32", "ports": [5432]}]


def warned(default: str | None) -> bool:
    setting = Setting("DATABASE_URL", default, secret=False, evidence=Evidence("app.py", 1, ""))
    sentences = warnings([Component(name="shop", root="", family="python", settings=(setting,))], DATABASES)
    assert all("shop reads DATABASE_URL" in sentence for sentence in sentences)
    return bool(sentences)


@pytest.mark.parametrize(
    "default",
    [
        "postgres://user:word@10.4.0.1/shop",
        "postgres://10.3.0.1:5433/shop",
        "http://192.168.1.1/",
        "169.254.169.254:80",
        "redis://cache.example.com",
        "mysql://db.example.com/shop",
        "[fd00:4::1]:5432",
        "https://10.0.0.1/",
    ],
)
def test_an_address_outside_the_ranges_is_a_warning(default: str) -> None:
    assert warned(default)


@pytest.mark.parametrize(
    "default",
    [
        None,
        "",
        "postgres://user:word@10.3.0.1/shop",
        "[fd00:3::1]:5432",
        "postgres://db.example.com/shop",
        "https://api.example.com/v1",
        "https://93.184.216.34/",
        "postgres://localhost/shop",
        "redis://127.0.0.1:6379/0",
        "redis://cache:6379",
        "http://other.acme-payments.svc:8080",
        "a sentence with: a colon",
        "http://[broken",
        "host.example:99999",
        "C:\\temp",
        "12:30",
        "0.0.0.0:8080",
    ],
)
def test_everything_else_is_none(default: str | None) -> None:
    assert not warned(default)
