"""How the API says no: a kind for machines, a sentence for people."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from api.parser import Unstorable
from api.shapes import Problem
from engine.interventions import NotPossible
from onboarding.actions.idempotency import KeyReused
from onboarding.actions.onboardings import PlanMoved
from onboarding.actions.rights import NoRight
from onboarding.models import Onboarding, Plan, Undo
from onboarding.plans.preflight import RequestRejected

RESPONSES = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem, 429: Problem}
_KINDS = {400: "unreadable", 401: "unauthorized", 403: "forbidden", 404: "not-found"}
_KNOWN: dict[type[Exception], tuple[str, int]] = {
    PlanMoved: ("plan-moved", 409),
    KeyReused: ("key-reused", 422),
    NotPossible: ("not-possible", 409),
    NoRight: ("forbidden", 403),
}
"""Exception → (kind, status); its message is the sentence."""


def register_handlers(api: NinjaAPI) -> None:
    def answer(request: HttpRequest, kind: str, detail: str, status: int) -> HttpResponse:
        return api.create_response(request, {"kind": kind, "detail": detail}, status=status)

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        """Rejected before an operation is reached: no token, a read-only one, a body that is not JSON."""
        detail = "A valid token is required, as “Authorization: Bearer …”." if error.status_code == 401 else str(error)
        if isinstance(error.__cause__, Unstorable):
            detail = str(error.__cause__)
        kind = _KINDS.get(error.status_code, "refused")
        return answer(request, kind, detail.removesuffix(".") + ".", error.status_code)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        """Each invalid field, by its place in the request."""
        fields = {".".join(str(part) for part in each["loc"]): str(each["msg"]) for each in error.errors}
        detail = "; ".join(f"{field}: {message}" for field, message in fields.items())
        return answer(request, "invalid", f"{detail}.", 422)

    @api.exception_handler(RequestRejected)
    def rejected(request: HttpRequest, error: RequestRejected) -> HttpResponse:
        return answer(request, error.kind, error.message, 422)

    @api.exception_handler(PlanMoved)
    @api.exception_handler(KeyReused)
    @api.exception_handler(NotPossible)
    @api.exception_handler(NoRight)
    def known(request: HttpRequest, error: Exception) -> HttpResponse:
        kind, status = _KNOWN[type(error)]
        return answer(request, kind, str(error), status)

    @api.exception_handler(Onboarding.DoesNotExist)
    @api.exception_handler(Plan.DoesNotExist)
    @api.exception_handler(Undo.DoesNotExist)
    def missing(request: HttpRequest, error: Exception) -> HttpResponse:
        return answer(request, "not-found", "Not found, or you don't have access.", 404)
