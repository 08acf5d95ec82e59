"""What the real tools say when they refuse a request for a reason of their own; a fault rule of kind `refusal` names one.

Sources: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api,
https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ and Atlassian's error collections.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True)
class Refusal:
    title: str
    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def _github(title: str, status: int, message: str, **headers: str) -> Refusal:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusal(title, status, {"message": message, "documentation_url": DOCS, "status": str(status)}, named)


def _kubernetes(title: str, code: int, reason: str, message: str) -> Refusal:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return Refusal(title, code, {**status, "message": message, "reason": reason, "code": code})


def _jira(title: str, *messages: str, **errors: str) -> Refusal:
    return Refusal(title, 400, {"errorMessages": list(messages), "errors": errors})


WEBHOOK = "policy.platform.example"
REFUSALS = {
    "github-saml": _github(
        "GitHub: the token is not authorised for SAML single sign-on",
        403,
        "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.",
        X_GitHub_SSO="required; url=https://github.com/orgs/acme/sso?authorization_request=A",
    ),
    "github-ip": _github(
        "GitHub: our address is not on the organisation's list",
        403,
        "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, "
        "and your IP address is not permitted to access this resource.",
    ),
    "github-suspended": _github("GitHub: the App is suspended", 403, "This installation has been suspended"),
    "github-token-policy": _github(
        "GitHub: the organisation forbids such tokens",
        403,
        "`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access "
        "token with fine-grained permissions.",
    ),
    "kubernetes-denied": _kubernetes(
        "Kubernetes: an admission webhook denies it",
        403,
        "Forbidden",
        f'admission webhook "{WEBHOOK}" denied the request: every object needs the label cost-centre',
    ),
    "kubernetes-webhook-down": _kubernetes(
        "Kubernetes: an admission webhook cannot be called",
        500,
        "InternalError",
        f'Internal error occurred: failed calling webhook "{WEBHOOK}": failed to call webhook: Post '
        '"https://policy.platform.svc:443/validate?timeout=10s": dial tcp 10.0.3.7:443: connect: connection refused',
    ),
    "kubernetes-webhook-slow": _kubernetes(
        "Kubernetes: an admission webhook answers too late",
        500,
        "InternalError",
        f'Internal error occurred: failed calling webhook "{WEBHOOK}": failed to call webhook: Post '
        '"https://policy.platform.svc:443/validate?timeout=10s": context deadline exceeded',
    ),
    "kubernetes-no-dry-run": _kubernetes(
        "Kubernetes: an admission webhook knows no dry run",
        400,
        "BadRequest",
        f'admission webhook "{WEBHOOK}" does not support dry run',
    ),
    "kubernetes-conversion": _kubernetes(
        "Kubernetes: the object cannot be converted",
        500,
        "",
        "failed to convert new object (shop/web; apps/v1, Kind=Deployment) to smd typed: .spec.template.spec.containers: "
        'duplicate entries for key [name="web"]',
    ),
    "elasticsearch-weak-key": Refusal(
        "Elasticsearch: the API key lacks a privilege",
        403,
        {
            "error": {
                "type": "security_exception",
                "reason": "action [indices:data/read/search] is unauthorized for API key id [key] of user [onramp], this action is "
                "granted by the index privileges [read,all]",
            },
            "status": 403,
        },
    ),
    "jira-required-field": _jira("JIRA: a field is required", customfield_10042="Cost centre is required."),
    "jira-issue-type": _jira(
        "JIRA: the project has no such issue type", issuetype="The issue type selected is invalid."
    ),
    "jira-archived": _jira("JIRA: the project is archived", "The project is archived, so no issue can be created."),
}
