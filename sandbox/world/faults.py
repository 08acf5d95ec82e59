"""The fault rules over HTTP: `GET`, `POST` and `DELETE /_/faults`, and a page for people."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from sandbox.world.models import Fault
from sandbox.world.refusals import REFUSALS

FIELDS = ("kind", "method", "path", "seconds", "status", "refusal", "times", "share")
INVALID = (TypeError, ValueError, ValidationError)


@csrf_exempt
@require_http_methods(["GET", "POST", "DELETE"])
def rules(request: HttpRequest) -> JsonResponse:
    """List, add or remove all rules. To add one, post its kind and any other of FIELDS as JSON."""
    if request.method == "DELETE":
        Fault.objects.all().delete()
        return JsonResponse({"faults": []})
    if request.method == "POST":
        try:
            return JsonResponse(payload(create(json.loads(request.body))), status=201)
        except INVALID as error:
            return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"faults": [payload(rule) for rule in Fault.objects.all()]})


@csrf_exempt
@require_http_methods(["DELETE"])
def rule(request: HttpRequest, number: int) -> HttpResponse:
    """Remove one rule. Requests that it already holds are not released."""
    deleted, _ = Fault.objects.filter(id=number).delete()
    return HttpResponse(status=204 if deleted else 404)


def create(fields: Any) -> Fault:
    """Create a rule. Raises one of INVALID."""
    rule = Fault(**fields)
    rule.full_clean()
    if (rule.kind == Fault.Kind.REFUSAL) != (rule.refusal in REFUSALS):
        raise ValidationError(f"A rule of kind refusal, and no other, names one of {', '.join(REFUSALS)}.")
    rule.save()
    return rule


def payload(rule: Fault) -> dict[str, Any]:
    return {"id": rule.id, "hits": rule.hits} | {name: getattr(rule, name) for name in FIELDS}


@require_http_methods(["GET"])
def page(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    context = {"rules": Fault.objects.all(), "kinds": Fault.Kind.choices, "refusals": REFUSALS, "error": error}
    return render(request, "world/faults.html", context, status=status)


@csrf_exempt
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """The page's form to add a rule."""
    try:
        create(_fields(request.POST))
    except INVALID as error:
        return _page(request, str(error), 400)
    return HttpResponseRedirect("/_/misbehaviour/")


@csrf_exempt
@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    Fault.objects.filter(id=number).delete()
    return HttpResponseRedirect("/_/misbehaviour/")


def _fields(form: QueryDict) -> dict[str, object]:
    """The values of the form that are not empty, in the types of the API."""
    types = {"seconds": float, "status": int, "times": int, "share": float}
    return {name: types.get(name, str)(str(form[name])) for name in FIELDS if form.get(name)}
