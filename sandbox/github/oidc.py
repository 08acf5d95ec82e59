"""The tokens with which jobs prove what they are. https://docs.github.com/actions/reference/security/oidc"""

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

from sandbox.github.addresses import WEB
from sandbox.github.identity import given_token
from sandbox.github.models import Job, JobToken
from sandbox.github.workflows.contexts import github_context

ISSUER = f"{WEB}/_oidc"
SECONDS = 300
KEY_ID = "sandbox-1"


@cache
def _key() -> rsa.RSAPrivateKey:
    """The signing key, made once and kept with the sandbox's data."""
    path = settings.DATA / "oidc.pem"
    if not path.is_file():
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        text = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.touch(mode=0o600)
        path.write_bytes(text)
    found = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(found, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key")
    return found


def configuration(request: HttpRequest) -> JsonResponse:
    described = {
        "issuer": ISSUER,
        "jwks_uri": f"{ISSUER}/.well-known/jwks",
        "subject_types_supported": ["public"],
        "response_types_supported": ["id_token"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    return JsonResponse(described)


def keys(request: HttpRequest) -> JsonResponse:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_key().public_key()))
    public.pop("key_ops", None)
    return JsonResponse({"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]})


def token(request: HttpRequest) -> JsonResponse:
    """A job's own token, for the audience that it asks for."""
    given = given_token(request.headers.get("Authorization", ""))
    found = JobToken.objects.filter(token=given or "").select_related(
        "job__run__repository", "job__run__workflow", "job__run__pull"
    )
    one = found.first()
    if one is None or one.job.status != "in_progress":
        return JsonResponse({"message": "The request token is of no running job."}, status=401)
    if not one.may("id-token", "write"):
        return JsonResponse({"message": "The job has no permission `id-token: write`."}, status=403)
    audience = request.GET.get("audience") or f"{WEB}/{one.job.repository.owner}"
    signed = jwt.encode(claims(one.job, audience), _key(), algorithm="RS256", headers={"kid": KEY_ID})
    return JsonResponse({"count": len(signed), "value": signed})


def claims(job: Job, audience: str) -> dict[str, Any]:
    run, now = job.run, int(time.time())
    github = github_context(run)
    about = "pull_request" if run.event == "pull_request" else f"ref:{github['ref']}"
    copied = (
        "actor", "base_ref", "event_name", "head_ref", "ref", "repository", "repository_id", "repository_owner",
        "run_attempt", "run_id", "run_number", "sha", "workflow", "workflow_ref",
    )  # fmt: skip
    return {name: github[name] for name in copied} | {
        "iss": ISSUER,
        "aud": audience,
        "sub": f"repo:{run.repository.full_name}:{about}",
        "jti": str(uuid.uuid4()),
        "iat": now,
        "nbf": now - 5,
        "exp": now + SECONDS,
        "job_workflow_ref": github["workflow_ref"],
        "repository_visibility": "private" if run.repository.private else "public",
        "runner_environment": "github-hosted",
    }
