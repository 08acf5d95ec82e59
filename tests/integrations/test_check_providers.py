"""`manage.py check_providers`, as an operator runs it: against the sandbox, with wrong credentials, unconfigured."""

import io
import os
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from integrations import providers
from portal.embedded import environment
from portal.embedded.environment import Ports
from tests.sandbox.process import Sandbox

CONFIGURED = {
    "source": "github",
    "pipelines": "github_actions",
    "registry": "ghcr",
    "cluster": "kubernetes",
    "metrics": "prometheus",
    "logs": "elk",
    "issues": "jira",
    "chat": "slack",
}


@pytest.fixture(autouse=True)
def _unconfigured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("PORTAL_") and name.count("_") > 2]:
        monkeypatch.delenv(name)
    providers.reset()
    yield
    providers.reset()


@pytest.fixture
def configured(behaving: Sandbox, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of the demo."""
    ports = Ports(portal=8800, sandbox=behaving.port, smtp=behaving.smtp_port)
    for name, value in environment.onramp(ports, "unused").items():
        if name.startswith("PORTAL_"):
            monkeypatch.setenv(name, value)
    return monkeypatch


def check() -> list[str]:
    """The lines of its output."""
    output = io.StringIO()
    try:
        call_command("check_providers", stdout=output)
    except CommandError as error:
        output.write(f"{error}\n")
    return output.getvalue().splitlines()


def test_every_provider_of_the_demo_is_ready(configured: pytest.MonkeyPatch) -> None:
    assert check() == [f"✓ {capability}: {provider}" for capability, provider in CONFIGURED.items()]
    assert list(CONFIGURED) == list(providers.NAMES), "a new capability belongs into the demo"


@pytest.mark.parametrize(
    ("capability", "variable"),
    [
        ("source", "PORTAL_SOURCE_GITHUB_TOKEN"),
        ("pipelines", "PORTAL_PIPELINES_GITHUB_ACTIONS_TOKEN"),
        ("registry", "PORTAL_REGISTRY_GHCR_PULL_TOKEN"),
        ("cluster", "PORTAL_CLUSTER_KUBERNETES_TOKEN"),
        ("logs", "PORTAL_LOGS_ELK_API_KEY"),
        ("issues", "PORTAL_ISSUES_JIRA_TOKEN"),
        ("chat", "PORTAL_CHAT_SLACK_TOKEN"),
    ],
)
def test_wrong_credentials_are_reported_beside_the_ready_providers(
    configured: pytest.MonkeyPatch, capability: str, variable: str
) -> None:
    configured.setenv(variable, "wrong-credentials")
    *lines, summary = check()
    (failed,) = [line for line in lines if not line.startswith("✓")]
    assert failed.startswith(f"✗ {capability}: {CONFIGURED[capability]}: ")
    assert "401" in failed
    assert "wrong-credentials" not in failed
    assert len(lines) == len(CONFIGURED), "the others are checked all the same"
    assert summary == "1 problem. See docs/providers.md."


def test_a_provider_that_does_not_answer_is_reported(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("PORTAL_METRICS_PROMETHEUS_URL", "http://127.0.0.1:1")
    assert "✗ metrics: prometheus: Prometheus: the connection failed" in check()


def test_every_capability_without_a_provider_is_reported() -> None:
    *lines, summary = check()
    assert lines == [f"✗ {capability}: no provider is configured" for capability in CONFIGURED]
    assert summary == "8 problems. See docs/providers.md."


def test_a_problem_is_an_exit_status_for_scripts() -> None:
    with pytest.raises(CommandError) as failed:
        call_command("check_providers", stdout=io.StringIO())
    assert failed.value.returncode == 1


def test_checking_changes_nothing(configured: pytest.MonkeyPatch, behaving: Sandbox) -> None:
    behaving.forget_requests()
    check()
    posts = [request["path"] for request in behaving.requests() if request["method"] != "GET"]
    reads = ["_search", "auth.test", "selfsubjectreviews"]  # by POST, because they have a body
    assert sorted(path.rpartition("/")[2] for path in posts) == reads
