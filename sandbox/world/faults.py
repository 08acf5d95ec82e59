"""The rules of misbehaviour over HTTP: `GET`, `POST` and `DELETE /_/faults`, and a page for people."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from sandbox.world.models import Fault

FIELDS = ("kind", "method", "path", "seconds", "status", "times", "share")
WRONG = (TypeError, ValueError, ValidationError)


@csrf_exempt
@require_http_methods(["GET", "POST", "DELETE"])
def rules(request: HttpRequest) -> JsonResponse:
    """List, add (JSON: kind, and of method, path, seconds, status, times, share what differs), or remove all rules."""
    if request.method == "DELETE":
        Fault.objects.all().delete()
        return JsonResponse({"faults": []})
    if request.method == "POST":
        try:
            return JsonResponse(as_json(made_from(json.loads(request.body))), status=201)
        except WRONG as error:
            return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"faults": [as_json(rule) for rule in Fault.objects.all()]})


@csrf_exempt
@require_http_methods(["DELETE"])
def rule(request: HttpRequest, number: int) -> HttpResponse:
    """Remove one rule; what it holds back stays held back."""
    gone, _ = Fault.objects.filter(id=number).delete()
    return HttpResponse(status=204 if gone else 404)


def made_from(said: Any) -> Fault:
    """A rule from what a person or a test said. Raises one of WRONG where it makes no sense."""
    made = Fault(**said)
    made.full_clean()
    made.save()
    return made


def as_json(one: Fault) -> dict[str, Any]:
    return {"id": one.id, "hits": one.hits} | {name: getattr(one, name) for name in FIELDS}


@require_http_methods(["GET"])
def page(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    shown = {"rules": Fault.objects.all(), "kinds": Fault.Kind.choices, "error": error}
    return render(request, "world/faults.html", shown, status=status)


@csrf_exempt
@require_POST
def page_added(request: HttpRequest) -> HttpResponse:
    """The form of the page: add one rule."""
    try:
        made_from(_said(request.POST))
    except WRONG as error:
        return _page(request, str(error), 400)
    return HttpResponseRedirect("/_/misbehaviour/")


@csrf_exempt
@require_POST
def page_removed(request: HttpRequest, number: int) -> HttpResponse:
    Fault.objects.filter(id=number).delete()
    return HttpResponseRedirect("/_/misbehaviour/")


def _said(form: QueryDict) -> dict[str, object]:
    """What was filled in, as the API takes it."""
    kinds = {"seconds": float, "status": int, "times": int, "share": float}
    return {name: kinds.get(name, str)(str(form[name])) for name in FIELDS if form.get(name)}
