"""A production with a demo's settings, a guessable key or a provider without TLS does not start, and says why."""

import os
import secrets
import subprocess
import sys

import pytest
from pytest_django import Settings

from integrations import providers
from portal import environment, production
from portal.checks import fit_for_production
from portal.embedded import environment as demo
from tests.deploy.kustomization import ROOT

GOOD = {
    "DATABASE_URL": "postgresql://onramp@postgres/onramp",
    "REDIS_URL": "redis://valkey",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "PORTAL_URL": "https://onramp.example",
    "PORTAL_TRUSTED_PROXIES": "1",
    "PORTAL_SOURCE_GITHUB_TOKEN": "a token",
    "PORTAL_SOURCE_GITHUB_WEBHOOK_SECRET": "a secret",
}


def refused(**variables: str) -> str:
    environ = GOOD | variables
    return "\n".join(production.refusals(environment.read(environ), environ))


def test_a_good_environment_is_not_refused() -> None:
    assert refused() == ""


@pytest.mark.parametrize("length", [32, 50])
def test_random_keys_are_long_enough(length: int) -> None:
    assert refused(SECRET_KEY=secrets.token_urlsafe(length)) == refused(SECRET_KEY=secrets.token_hex(length)) == ""


@pytest.mark.parametrize(
    "key",
    [
        "x" * 50,
        "changeme" * 8,
        "0123456789" * 6,
        "abcd" * 20,
        "django-insecure-" + "k3#v9$w2m8!q7z@x5^c4&b6*n1(p0)",
        "nothing-is-signed-while-the-image-is-built",
        "only for the tests: 0123456789012345678901234567890123456789",
        "this is a long sentence that somebody thought of as a key",
    ],
)
def test_a_guessable_key_is_refused(key: str) -> None:
    assert refused(SECRET_KEY=key).startswith("SECRET_KEY")


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://onramp.example", "must begin with https"),
        ("https://*", "no single host"),
        ("https://*.example", "no single host"),
        ("https://0.0.0.0", "no single host"),
        ("https://[::]", "no single host"),
        ("https:///onramp", "no single host"),
        ("https://localhost", "this machine"),
        ("https://onramp.localhost", "this machine"),
        ("https://127.0.0.2:8800", "this machine"),
        ("https://[::1]", "this machine"),
        ("https://[::ffff:127.0.0.1]", "this machine"),
    ],
)
def test_an_address_that_is_not_a_public_https_host_is_refused(url: str, word: str) -> None:
    assert word in refused(PORTAL_URL=url)


@pytest.mark.parametrize("url", ["https://onramp.example", "http://onramp.example", "https://127.0.0.1:8800"])
def test_the_demo_runs_only_on_the_loopback(url: str) -> None:
    assert refused(ONRAMP_DEMO="1", PORTAL_URL=url).startswith("ONRAMP_DEMO is set")
    assert refused(ONRAMP_DEMO="1", PORTAL_URL="http://127.0.0.1:8800") == ""


def test_every_secret_and_address_of_the_demo_is_refused() -> None:
    values = demo.onramp(demo.Ports(1, 2, 3), "unused")
    suspicious = {
        name
        for name, value in values.items()
        if name.startswith("PORTAL_") and ("127.0.0.1" in value or "sandbox-" in value)
    }
    for name in suspicious - {"PORTAL_URL"}:
        assert refused(**{name: values[name]}).startswith(name), name


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTAL_METRICS_PROMETHEUS_URL", "http://prometheus.example"),
        ("PORTAL_METRICS_PROMETHEUS_URL", "https://localhost:9090"),
        ("PORTAL_REGISTRY_GHCR_HOST", "localhost:5000"),
        ("PORTAL_SIGNIN_URL", "http://github.example"),
        ("PORTAL_METRICS_TOKEN", "short"),
        ("PORTAL_TRUSTED_PROXIES", "0"),
    ],
)
def test_each_wrong_variable_gets_its_own_sentence(variable: str, value: str) -> None:
    assert refused(**{variable: value}).startswith(variable)
    assert len(refused(**{variable: value}).splitlines()) == 1


def test_debug_is_refused(settings: Settings) -> None:
    settings.DEBUG = True
    assert "DEBUG is on" in refused()


def test_the_check_says_the_same(settings: Settings) -> None:
    settings.ENV = environment.read(GOOD | {"SECRET_KEY": "x" * 50})
    assert [message.id for message in fit_for_production(None)] == ["onramp.E002"]
    settings.ENV = environment.read(GOOD | {"ONRAMP_DEMO": "1", "PORTAL_URL": "http://127.0.0.1:1"})
    assert "only for a laptop" in str(fit_for_production(None)[0])


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "import portal.wsgi"],
        ["-m", "gunicorn", "portal.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"],
        ["-m", "celery", "-A", "portal", "worker", "--pool", "solo", "--without-mingle", "--without-gossip"],
    ],
)
def test_web_and_worker_do_not_start(command: list[str]) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "ONRAMP_"))}
    variables = inherited | GOOD | {"SECRET_KEY": "x" * 50, "REDIS_URL": os.environ["REDIS_URL"]}
    variables["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    ended = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert "SECRET_KEY is not random enough" in ended.stdout + ended.stderr


def test_loopback_is_recognised_in_every_form() -> None:
    for host in ("localhost", "LOCALHOST.", "a.localhost", "127.1.2.3", "::1", "::ffff:127.0.0.1", "0.0.0.0"):  # noqa: S104 - it is refused
        assert providers.is_loopback(host), host
    for host in ("onramp.example", "localhost.example", "10.0.0.1", "fe80::1"):
        assert not providers.is_loopback(host), host
