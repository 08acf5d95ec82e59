"""What the processes of the demo are given: the same variables as in production, with the sandbox's addresses.

The names and passwords are the sandbox's constants (`sandbox/world/cast.py`); they are repeated here because nobody
imports the sandbox, as nobody could import GitHub.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

HOST = "127.0.0.1"
_OURS = ("PORTAL_", "SANDBOX_", "EMAIL_", "DJANGO_", "CELERY_")
"""Prefixes that are not inherited: a shell set up for production must not lead the demo there."""
_OWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ONRAMP_DEMO", "PYTHONPATH")


@dataclass(frozen=True)
class Ports:
    portal: int
    sandbox: int
    smtp: int


def inherited(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The surroundings without what is ours to decide; the loopback is reached without a proxy."""
    kept = {name: value for name, value in environ.items() if _is_theirs(name)}
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join([*filter(None, [environ.get(name)]), HOST, "localhost", ".localhost"])
    return kept | {"PYTHONUNBUFFERED": "1"}


def _is_theirs(name: str) -> bool:
    return not name.startswith(_OURS) and name not in _OWN


def patience(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """How long things wait may be told from outside; it leads nobody anywhere."""
    return {name: value for name, value in environ.items() if name.startswith("PORTAL_") and name.endswith("_SECONDS")}


def servers(database_url: str, redis_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "REDIS_URL": redis_url}


def onramp(ports: Ports, secret_key: str) -> dict[str, str]:
    """Onramp against the sandbox; `manage.py check` names what is missing or misspelt."""
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
        # Nobody should wait for a demo: JIRA's search finds a new ticket at once here, and few webhooks are lost.
        "PORTAL_ISSUES_SETTLE_SECONDS": "5",
        "PORTAL_POLL_SECONDS": "5",
        "PORTAL_WATCH_SECONDS": "15",
        **patience(),
        **_providers(sandbox, f"{HOST}:{ports.sandbox}"),
    }


def _providers(sandbox: str, authority: str) -> dict[str, str]:
    return {
        "PORTAL_SOURCE_GITHUB_API_URL": f"{sandbox}/github/api/v3",
        "PORTAL_SOURCE_GITHUB_WEB_URL": f"{sandbox}/github",
        "PORTAL_SOURCE_GITHUB_TOKEN": "sandbox-onramp-token",
        "PORTAL_SOURCE_GITHUB_WEBHOOK_SECRET": "sandbox-webhook-secret",
        "PORTAL_SOURCE_GITHUB_SPACING": "0.05",
        "PORTAL_PIPELINES_ACTIONS_API_URL": f"{sandbox}/github/api/v3",
        "PORTAL_PIPELINES_ACTIONS_TOKEN": "sandbox-onramp-token",
        "PORTAL_REGISTRY_GHCR_HOST": f"{authority}/registry",
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
