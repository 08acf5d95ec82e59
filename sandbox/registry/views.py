"""The registry's token endpoint, which a container runtime calls before it pulls.

https://distribution.github.io/distribution/spec/auth/token/; GitHub's registry refuses an unknown login with 403.
"""

import base64
import binascii

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from sandbox.world import cast


@require_safe
def token(request: HttpRequest) -> JsonResponse:
    if not _is_valid(request.headers.get("Authorization", "")):
        return JsonResponse({"errors": [{"code": "DENIED", "message": "denied: denied"}]}, status=403)
    return JsonResponse({"token": base64.b64encode(b"sandbox-pull-token").decode()})


def _is_valid(authorization: str) -> bool:
    """Whether the Basic credentials are the login and the token of an account."""
    try:
        login, _, password = (
            base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode().partition(":")
        )
    except (binascii.Error, UnicodeDecodeError):
        return False
    person = cast.by_token(password)
    return person is not None and person.login == login
