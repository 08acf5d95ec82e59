"""The variables of the demo's processes."""

from pathlib import Path

import pytest

from integrations import providers
from onboarding.steps.golden_path import QUEUES
from portal.embedded import children, environment
from portal.embedded.environment import Ports
from portal.embedded.errors import EmbeddedError
from portal.environment import VARIABLES

PORTS = Ports(8800, 8801, 8802)


def test_no_variable_is_missing_or_misspelt() -> None:
    assert list(providers.problems(environment.onramp(PORTS, "secret"), besides=VARIABLES)) == []


def test_every_capability_is_offered() -> None:
    variables = environment.onramp(PORTS, "secret")
    assert [capability.name for capability in providers.capabilities() if not capability.offered(variables)] == []


def test_the_worker_serves_every_queue() -> None:
    assert sorted(children.QUEUES) == sorted(QUEUES)


def test_the_demo_ignores_the_variables_of_a_production_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = {
        "PATH": "/usr/bin",
        "DATABASE_URL": "postgresql://production/onramp",
        "SECRET_KEY": "the production key",
        "PORTAL_URL": "https://onramp.example",
        "PORTAL_SOURCE_GITHUB_TOKEN": "the production token",
        "DJANGO_SETTINGS_MODULE": "production.settings",
    }
    assert "production" not in str(environment.inherited(shell))
    for name, value in shell.items():
        monkeypatch.setenv(name, value)
    assert "production" not in str(environment.onramp(PORTS, "secret"))


def test_intervals_are_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_POLL_SECONDS", "1")
    assert environment.onramp(PORTS, "secret")["PORTAL_POLL_SECONDS"] == "1"


def test_the_loopback_is_reached_without_a_proxy() -> None:
    assert environment.inherited({"NO_PROXY": "intranet"})["NO_PROXY"] == "intranet,127.0.0.1,localhost,.localhost"


def test_real_tools_replace_simulated_ones_of_their_capability(tmp_path: Path) -> None:
    file = tmp_path / "real.env"
    file.write_text(
        "# Prometheus\n\nPORTAL_METRICS_PROMETHEUS_URL=http://127.0.0.1:9090\n  PORTAL_LOGS_ELK_URL = x=y \n"
    )
    tools = environment.tools(file)
    assert tools == {"PORTAL_METRICS_PROMETHEUS_URL": "http://127.0.0.1:9090", "PORTAL_LOGS_ELK_URL": "x=y"}
    variables = environment.onramp(PORTS, "secret", tools)
    assert {
        name: value for name, value in variables.items() if name.startswith(("PORTAL_METRICS", "PORTAL_LOGS"))
    } == tools
    assert variables["PORTAL_ISSUES_JIRA_URL"] == "http://127.0.0.1:8801/jira"
    assert variables["PORTAL_ISSUES_SETTLE_SECONDS"] == "5"


@pytest.mark.parametrize(
    "line", ["PORTAL_URL=https://onramp.example", "DATABASE_URL=x", "PORTAL_METRICS_PROMETHEUS_URL"]
)
def test_a_file_of_tools_with_anything_else_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "real.env"
    file.write_text(f"\n{line}\n")
    with pytest.raises(EmbeddedError, match=r"line 2: \w+ is not the variable of a tool"):
        environment.tools(file)


def test_every_simulated_tool_can_be_replaced() -> None:
    assert {f"PORTAL_{capability.name.upper()}" for capability in providers.capabilities()} == environment.CAPABILITIES
