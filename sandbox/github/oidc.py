"""The OIDC tokens with which jobs prove their identity. https://docs.github.com/actions/reference/security/oidc"""

import json
import time
import uuid
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.http import HttpRequest, JsonResponse

from sandbox.github.formats import WEB
from sandbox.github.identity import token_from_header
from sandbox.github.models import Job, JobToken, Repository
from sandbox.github.payloads import people
from sandbox.github.workflows.contexts import github_context

ISSUER = f"{WEB}/_oidc"
LIFETIME_SECONDS = 300
KEY_ID = "sandbox-1"


@cache
def _signing_key() -> rsa.RSAPrivateKey:
    """Created once and stored with the sandbox's data."""
    path = settings.DATA / "oidc.pem"
    if not path.is_file():
        new_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        text = new_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.touch(mode=0o600)
        path.write_bytes(text)
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} does not contain an RSA key")
    return key


def configuration(request: HttpRequest) -> JsonResponse:
    document = {
        "issuer": ISSUER,
        "jwks_uri": f"{ISSUER}/.well-known/jwks",
        "subject_types_supported": ["public"],
        "response_types_supported": ["id_token"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    return JsonResponse(document)


def keys(request: HttpRequest) -> JsonResponse:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_signing_key().public_key()))
    public.pop("key_ops", None)
    return JsonResponse({"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]})


def token(request: HttpRequest) -> JsonResponse:
    """An ID token for a running job, for the audience in the request."""
    request_token = token_from_header(request.headers.get("Authorization", ""))
    rows = JobToken.objects.select_related("job__run__repository", "job__run__workflow", "job__run__pull")
    job_token = rows.filter(token=request_token or "").first()
    if job_token is None or job_token.job.status != "in_progress":
        return JsonResponse({"message": "The request token does not belong to a running job."}, status=401)
    if not job_token.allows("id-token", "write"):
        return JsonResponse({"message": "The job does not have the permission `id-token: write`."}, status=403)
    job = job_token.job
    audience = request.GET.get("audience") or f"{WEB}/{job.repository.owner}"
    signed = jwt.encode(claims(job, audience), _signing_key(), algorithm="RS256", headers={"kid": KEY_ID})
    return JsonResponse({"count": len(signed), "value": signed})


def claims(job: Job, audience: str) -> dict[str, Any]:
    run, now = job.run, int(time.time())
    github = github_context(run)
    copied = (
        "actor", "base_ref", "event_name", "head_ref", "ref", "repository", "repository_id", "repository_owner",
        "run_attempt", "run_id", "run_number", "sha", "workflow", "workflow_ref",
    )  # fmt: skip
    copies = {name: github[name] for name in copied} | {
        "repository_owner_id": owner_id(run.repository),
        "job_workflow_ref": github["workflow_ref"],
        "repository_visibility": "private" if run.repository.private else "public",
    }
    return copies | {
        "iss": ISSUER,
        "aud": audience,
        "sub": _subject(run.repository, copies),
        "jti": str(uuid.uuid4()),
        "iat": now,
        "nbf": now - 5,
        "exp": now + LIFETIME_SECONDS,
        "runner_environment": "github-hosted",
    }


def owner_id(repository: Repository) -> str:
    return str(people.simple(repository.owner)["id"])


def subject_prefix(repository: Repository) -> str:
    """With ids, unless the repository opted out: every repository here is newer than that default.

    https://docs.github.com/actions/reference/security/oidc
    """
    if not repository.subject_claim.get("use_immutable_subject", True):
        return f"repo:{repository.full_name}"
    return f"repo:{repository.owner}@{owner_id(repository)}/{repository.name}@{repository.pk}"


def _subject(repository: Repository, claims: dict[str, str]) -> str:
    """By the default, or by the customised list of claims: `repo` and `context` stand for the two parts of the default."""
    context = "pull_request" if claims["event_name"] == "pull_request" else f"ref:{claims['ref']}"
    template = repository.subject_claim
    keys = ["repo", "context"] if template.get("use_default", True) else template.get("include_claim_keys", [])
    parts = {"repo": subject_prefix(repository), "context": context}
    return ":".join(parts.get(key) or f"{key}:{str(claims.get(key, '')).replace(':', '%3A')}" for key in keys)
