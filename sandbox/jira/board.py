"""The pages: the board of tickets, and a ticket with the buttons that the platform team presses."""

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from sandbox.jira import issues
from sandbox.jira.models import Index, Issue, Project, index_lag
from sandbox.jira.refusals import Refused

PERSON = "pat"  # the buttons act in the name of the platform team
TRANSITION_BUTTONS = {"start": "21", "done": "31", "wont-do": "41", "reopen": "11"}


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    newest = list(Issue.objects.select_related("project").order_by("-id")[:500])
    columns = [(status, [issue for issue in newest if issue.status == status]) for status in Issue.Status]
    return render(request, "jira/board.html", {"columns": columns, "lag": index_lag().total_seconds()})


@require_safe
def ticket(request: HttpRequest, key: str) -> HttpResponse:
    issue = _issue(key)
    if issue.key != key:
        return HttpResponseRedirect(f"/jira/browse/{issue.key}")
    others = Project.objects.exclude(id=issue.project_id).order_by("key")
    return render(request, "jira/ticket.html", {"issue": issue, "projects": others, "done": issue.status == "Done"})


@csrf_exempt
@require_POST
def press(request: HttpRequest, key: str, button: str) -> HttpResponse:
    """One of the ticket's buttons: comment, start, done, wont-do, reopen, delete, hide, show, move."""
    issue = _issue(key)
    comment = str(request.POST.get("comment", "")).strip()
    try:
        if comment:
            issues.comment(issue, comment, PERSON)
        _press(issue, button, str(request.POST.get("project", "")))
    except Refused as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    return HttpResponseRedirect("/jira/" if button == "delete" else f"/jira/browse/{issue.key}")


def _issue(key: str) -> Issue:
    issue = issues.find(key)
    if issue is None:
        raise Http404(f"There is no issue {key}; it may have been deleted.")
    return issue


def _press(issue: Issue, button: str, project: str) -> None:
    if button in TRANSITION_BUTTONS:
        issues.transition(issue, TRANSITION_BUTTONS[button], {}, {}, PERSON)
    elif button == "delete":
        issues.delete(issue, PERSON)
    elif button in ("hide", "show"):
        issue.hidden = button == "hide"
        issue.save()
    elif button == "move":
        target = Project.objects.filter(key=project).first()
        if target is None:
            raise Refused(f"There is no project {project}.")
        issues.move(issue, target, PERSON)
    elif button != "comment":
        raise Refused(f"There is no button {button}.")


@csrf_exempt
@require_POST
def lag(request: HttpRequest) -> HttpResponse:
    """Set how long the search does not find a new issue: `{"seconds": 30}`, or the board's form."""
    form = request.content_type != "application/json"
    try:
        value = request.POST.get("seconds", "") if form else json.loads(request.body)["seconds"]
        seconds = float(str(value))
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": 'send {"seconds": <number>}'}, status=400)
    Index.objects.update_or_create(id=1, defaults={"lag_seconds": max(0.0, seconds)})
    return HttpResponseRedirect("/jira/") if form else JsonResponse({"seconds": seconds})
