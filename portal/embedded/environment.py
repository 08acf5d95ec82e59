"""The variables of the demo's processes: those of production, with the sandbox's addresses.

The names and passwords are the sandbox's constants (`sandbox/world/cast.py`). They are repeated here because nothing may
import the sandbox, just as nothing could import GitHub.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.errors import EmbeddedError

HOST = "127.0.0.1"
_PREFIXES = ("PORTAL_", "SANDBOX_", "EMAIL_", "DJANGO_", "CELERY_")
"""Variables with these are not inherited: the demo must not use what a shell is set up with for production."""
_NAMES = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ONRAMP_DEMO", "PYTHONPATH")


CAPABILITIES = {
    "PORTAL_SOURCE",
    "PORTAL_PIPELINES",
    "PORTAL_REGISTRY",
    "PORTAL_CLUSTER",
    "PORTAL_METRICS",
    "PORTAL_LOGS",
    "PORTAL_ISSUES",
    "PORTAL_CHAT",
}


@dataclass(frozen=True)
class Ports:
    portal: int
    sandbox: int
    smtp: int


def inherited(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment without the variables that Onramp reads; the loopback is reached without a proxy."""
    variables = {name: value for name, value in environ.items() if not _is_product(name)}
    for name in ("NO_PROXY", "no_proxy"):
        variables[name] = ",".join([*filter(None, [environ.get(name)]), HOST, "localhost", ".localhost"])
    return variables | {"PYTHONUNBUFFERED": "1"}


def _is_product(name: str) -> bool:
    return name.startswith(_PREFIXES) or name in _NAMES


def intervals(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables for how long things wait: these are inherited, because they lead to no other system."""
    return {name: value for name, value in environ.items() if name.startswith("PORTAL_") and name.endswith("_SECONDS")}


def servers(database_url: str, redis_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "REDIS_URL": redis_url}


def tools(path: Path) -> dict[str, str]:
    """The variables of a file with a `NAME=VALUE` in each line, as deploy/onramp.env.example has them: real tools in place of
    simulated ones. Raises EmbeddedError, naming the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EmbeddedError(f"--tools {path} cannot be read: {error}") from error
    variables: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not name or name.startswith("#"):
            continue
        if not equals or _capability(name) not in CAPABILITIES:
            raise EmbeddedError(
                f"--tools {path}, line {number}: {name} is not the variable of a tool. Write PORTAL_CAPABILITY_PROVIDER_…=VALUE, "
                f"with one of {', '.join(sorted(CAPABILITIES))} as the beginning."
            )
        variables[name] = value
    return variables


def _capability(name: str) -> str:
    return "_".join(name.split("_")[:2])


def onramp(ports: Ports, secret_key: str, tools: Mapping[str, str] | None = None) -> dict[str, str]:
    """Onramp against the sandbox, except for the capabilities that `tools` has variables of. `manage.py check` names missing and
    misspelt variables."""
    replaced = {_capability(name) for name in tools or {}}
    sandbox = f"http://{HOST}:{ports.sandbox}"
    return {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "ONRAMP_DEMO": "1",
        "SECRET_KEY": secret_key,
        "PORTAL_URL": f"http://{HOST}:{ports.portal}",
        "PORTAL_SIGNIN_URL": f"{sandbox}/github",
        "PORTAL_SIGNIN_CLIENT_ID": "sandbox-oauth-client",
        "PORTAL_SIGNIN_CLIENT_SECRET": "sandbox-oauth-secret",
        "EMAIL_HOST": HOST,
        "EMAIL_PORT": str(ports.smtp),
        # Short, because people wait for a demo: the sandbox's JIRA finds a new ticket at once, and few webhooks are lost.
        "PORTAL_ISSUES_SETTLE_SECONDS": "5",
        "PORTAL_POLL_SECONDS": "5",
        "PORTAL_WATCH_SECONDS": "15",
        # Everybody has the address of the loopback, and measurements start a hundred runs at once.
        "PORTAL_LIMIT_PLANS": "1000/minute",
        "PORTAL_LIMIT_RUNS": "1000/minute",
        **intervals(),
        **{
            name: value
            for name, value in _providers(sandbox, f"{HOST}:{ports.sandbox}").items()
            if _capability(name) not in replaced
        },
        **(tools or {}),
    }


def _providers(sandbox: str, authority: str) -> dict[str, str]:
    return {
        "PORTAL_SOURCE_GITHUB_API_URL": f"{sandbox}/github/api/v3",
        "PORTAL_SOURCE_GITHUB_WEB_URL": f"{sandbox}/github",
        "PORTAL_SOURCE_GITHUB_TOKEN": "sandbox-onramp-token",
        "PORTAL_SOURCE_GITHUB_WEBHOOK_SECRET": "sandbox-webhook-secret",
        "PORTAL_SOURCE_GITHUB_SPACING": "0.05",
        "PORTAL_PIPELINES_GITHUB_ACTIONS_API_URL": f"{sandbox}/github/api/v3",
        "PORTAL_PIPELINES_GITHUB_ACTIONS_TOKEN": "sandbox-onramp-token",
        "PORTAL_REGISTRY_GHCR_HOST": f"{authority}/registry",
        "PORTAL_REGISTRY_GHCR_API_URL": f"{sandbox}/registry",
        "PORTAL_REGISTRY_GHCR_PULL_USER": "onramp-bot",
        "PORTAL_REGISTRY_GHCR_PULL_TOKEN": "sandbox-onramp-token",
        "PORTAL_CLUSTER_KUBERNETES_API_URL": f"{sandbox}/kubernetes",
        "PORTAL_CLUSTER_KUBERNETES_TOKEN": "sandbox-onramp-cluster-token",
        "PORTAL_METRICS_PROMETHEUS_URL": f"{sandbox}/prometheus",
        "PORTAL_LOGS_ELK_URL": f"{sandbox}/elasticsearch",
        "PORTAL_LOGS_ELK_API_KEY": "sandbox-elastic-key",
        "PORTAL_LOGS_ELK_LINK": f"{sandbox}/elasticsearch/ui/?namespace={{namespace}}&application={{application}}",
        "PORTAL_ISSUES_JIRA_URL": f"{sandbox}/jira",
        "PORTAL_ISSUES_JIRA_TOKEN": "sandbox-jira-token",
        "PORTAL_ISSUES_JIRA_WEBHOOK_SECRET": "sandbox-webhook-secret",
        "PORTAL_CHAT_SLACK_API_URL": f"{sandbox}/slack/api",
        "PORTAL_CHAT_SLACK_TOKEN": "sandbox-slack-token",
    }
