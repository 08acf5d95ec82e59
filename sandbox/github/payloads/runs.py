"""Check runs, workflow runs and jobs."""

from sandbox.github.addresses import api, iso, iso_or_none, node_id, web
from sandbox.github.git import objects
from sandbox.github.models import CheckRun, Job, Pull, Repository, Workflow, WorkflowRun
from sandbox.github.payloads import JSON, commits, people, pulls, repositories


def _api(repository: Repository, *parts: str | int) -> str:
    return api("repos", repository.owner, repository.name, *parts)


def _pulls(repository: Repository, branch: str) -> list[JSON]:
    opened = Pull.objects.filter(repository=repository, head=branch, closed_at__isnull=True)
    return [pulls.minimal(pull) for pull in opened.select_related("repository")]


def check_run(one: CheckRun) -> JSON:
    """`check-run`."""
    url = _api(one.repository, "check-runs", one.pk)
    page = one.details_url or web(one.repository.owner, one.repository.name, "runs", one.pk)
    opened = Pull.objects.filter(repository=one.repository, head_sha=one.head_sha, closed_at__isnull=True)
    return {
        "id": one.pk,
        "node_id": node_id("CheckRun", one.pk),
        "name": one.name,
        "head_sha": one.head_sha,
        "external_id": one.external_id,
        "url": url,
        "html_url": page,
        "details_url": page,
        "status": one.status,
        "conclusion": one.conclusion or None,
        "started_at": iso_or_none(one.started_at),
        "completed_at": iso_or_none(one.completed_at),
        "output": {
            "title": one.title or None,
            "summary": one.summary or None,
            "text": one.text or None,
            "annotations_count": len(one.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": one.pk},
        "app": people.actions_app(),
        "pull_requests": [pulls.minimal(pull) for pull in opened.select_related("repository")],
    }


def run_page(run: WorkflowRun) -> str:
    return web(run.repository.owner, run.repository.name, "actions", "runs", run.pk)


def job_page(job: Job) -> str:
    return f"{run_page(job.run)}/job/{job.pk}"


def run(one: WorkflowRun) -> JSON:
    """`workflow-run`."""
    repository = one.repository
    url = _api(repository, "actions", "runs", one.pk)
    repo = repositories.simple(repository)
    return {
        "id": one.pk,
        "node_id": node_id("WorkflowRun", one.pk),
        "name": one.workflow.name,
        "path": one.workflow.path,
        "display_title": one.title,
        "run_number": one.number,
        "run_attempt": one.attempt,
        "event": one.event,
        "status": one.status,
        "conclusion": one.conclusion or None,
        "workflow_id": one.workflow_id,
        "head_branch": one.head_branch,
        "head_sha": one.head_sha,
        "check_suite_id": one.pk,
        "check_suite_node_id": node_id("CheckSuite", one.pk),
        "url": url,
        "html_url": run_page(one),
        "pull_requests": _pulls(repository, one.head_branch),
        "created_at": iso(one.created_at),
        "updated_at": iso(one.updated_at),
        "run_started_at": iso(one.started_at),
        "actor": people.simple(one.actor),
        "triggering_actor": people.simple(one.actor),
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": f"{url}/attempts/{one.attempt - 1}" if one.attempt > 1 else None,
        "check_suite_url": _api(repository, "check-suites", one.pk),
        "workflow_url": _api(repository, "actions", "workflows", one.workflow_id),
        "referenced_workflows": [],
        "head_commit": commits.simple(objects.commit(repository.path, one.head_sha)),
        "repository": repo,
        "head_repository": repo,
    }


def job(one: Job) -> JSON:
    """`job`."""
    repository = one.repository
    running = one.status != "queued" and one.conclusion != "skipped"
    return {
        "id": one.pk,
        "node_id": node_id("CheckRun", one.pk),
        "run_id": one.run_id,
        "run_url": _api(repository, "actions", "runs", one.run_id),
        "run_attempt": one.attempt,
        "workflow_name": one.run.workflow.name,
        "head_branch": one.run.head_branch,
        "head_sha": one.head_sha,
        "url": _api(repository, "actions", "jobs", one.pk),
        "html_url": job_page(one),
        "check_run_url": _api(repository, "check-runs", one.pk),
        "status": one.status,
        "conclusion": one.conclusion or None,
        "created_at": iso(one.created_at),
        "started_at": iso(one.started_at or one.created_at),
        "completed_at": iso_or_none(one.completed_at),
        "name": one.name,
        "steps": one.steps,
        "labels": ["ubuntu-latest"],
        "runner_id": 1 if running else None,
        "runner_name": "sandbox" if running else None,
        "runner_group_id": 1 if running else None,
        "runner_group_name": "Default" if running else None,
    }


def workflow(one: Workflow) -> JSON:
    """`workflow`, as webhooks name the file that ran."""
    url = _api(one.repository, "actions", "workflows", one.pk)
    return {
        "id": one.pk,
        "node_id": node_id("Workflow", one.pk),
        "name": one.name,
        "path": one.path,
        "state": "active",
        "created_at": iso(one.created_at),
        "updated_at": iso(one.created_at),
        "url": url,
        "html_url": web(one.repository.owner, one.repository.name, "blob", one.repository.default_branch, one.path),
        "badge_url": web(one.repository.owner, one.repository.name, "workflows", one.name, "badge.svg"),
    }


def annotation(one: CheckRun, said: JSON) -> JSON:
    """`check-annotation`; `said` is what a step or the API's caller noted."""
    return {
        "path": ".github",
        "start_line": 1,
        "end_line": 1,
        "start_column": None,
        "end_column": None,
        "annotation_level": "failure",
        "title": None,
        "message": "",
        "raw_details": None,
        "blob_href": web(one.repository.owner, one.repository.name, "blob", one.head_sha, said.get("path", ".github")),
        **said,
    }
