"""How `sub` is made in a repository's OIDC tokens. https://docs.github.com/rest/actions/oidc"""

from typing import Any

from sandbox.github import oidc
from sandbox.github.api.call import Call, Response
from sandbox.github.errors import ApiError

KEYS = {"use_default": bool, "include_claim_keys": list, "use_immutable_subject": bool}


def of_repository(call: Call) -> Any:
    call.require("write")
    template = call.repository.subject_claim
    return {
        "use_default": template.get("use_default", True),
        **{name: template[name] for name in ("include_claim_keys", "use_immutable_subject") if name in template},
        "sub_claim_prefix": oidc.subject_prefix(call.repository),
    }


def set_of_repository(call: Call) -> Response:
    call.require("admin")
    template = {name: call.field(name, kind) for name, kind in KEYS.items() if name in call.json}
    if "use_default" not in template:
        raise ApiError(422, 'Invalid request.\n\n"use_default" wasn\'t supplied.')
    call.repository.subject_claim = template
    call.repository.save()
    return Response({}, 201)
