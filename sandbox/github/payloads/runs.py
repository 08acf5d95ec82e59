"""Check runs, workflow runs and jobs."""

from sandbox.github.addresses import api_of, iso, iso_or_none, node_id, page_of
from sandbox.github.git import objects
from sandbox.github.models import CheckRun, Job, Pull, Repository, Workflow, WorkflowRun
from sandbox.github.payloads import JSON, commits, people, pulls, repositories


def _pulls(repository: Repository, **those: str) -> list[JSON]:
    opened = Pull.objects.filter(repository=repository, closed_at__isnull=True, **those)
    return [pulls.minimal(pull) for pull in opened.select_related("repository")]


def check_run(one: CheckRun) -> JSON:
    """`check-run`."""
    url = api_of(one.repository, "check-runs", one.pk)
    page = one.details_url or page_of(one.repository, "runs", one.pk)
    return {
        "id": one.pk,
        "node_id": node_id("CheckRun", one.pk),
        "name": one.name,
        "head_sha": one.head_sha,
        "external_id": "",
        "url": url,
        "html_url": page,
        "details_url": page,
        "status": one.status,
        "conclusion": one.conclusion or None,
        "started_at": iso_or_none(one.started_at),
        "completed_at": iso_or_none(one.completed_at),
        "output": {
            "title": None,
            "summary": one.summary or None,
            "text": None,
            "annotations_count": len(one.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": one.pk},
        "app": None,
        "pull_requests": _pulls(one.repository, head_sha=one.head_sha),
    }


def run_page(run: WorkflowRun) -> str:
    return page_of(run.repository, "actions", "runs", run.pk)


def job_page(job: Job) -> str:
    return f"{run_page(job.run)}/job/{job.pk}"


def run(one: WorkflowRun) -> JSON:
    """`workflow-run`."""
    repository = one.repository
    url = api_of(repository, "actions", "runs", one.pk)
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
        "pull_requests": _pulls(repository, head=one.head_branch),
        "created_at": iso(one.created_at),
        "updated_at": iso(one.updated_at),
        "run_started_at": iso(one.started_at),
        "actor": people.simple(one.actor),
        "triggering_actor": people.simple(one.actor),
        **{f"{name}_url": f"{url}/{name}" for name in ("jobs", "logs", "artifacts", "cancel", "rerun")},
        "previous_attempt_url": None,
        "check_suite_url": api_of(repository, "check-suites", one.pk),
        "workflow_url": api_of(repository, "actions", "workflows", one.workflow_id),
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
        "run_url": api_of(repository, "actions", "runs", one.run_id),
        "run_attempt": one.attempt,
        "workflow_name": one.run.workflow.name,
        "head_branch": one.run.head_branch,
        "head_sha": one.head_sha,
        "url": api_of(repository, "actions", "jobs", one.pk),
        "html_url": job_page(one),
        "check_run_url": api_of(repository, "check-runs", one.pk),
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
    return {
        "id": one.pk,
        "node_id": node_id("Workflow", one.pk),
        "name": one.name,
        "path": one.path,
        "state": "active",
        "created_at": iso(one.created_at),
        "updated_at": iso(one.created_at),
        "url": api_of(one.repository, "actions", "workflows", one.pk),
        "html_url": page_of(one.repository, "blob", one.repository.default_branch, one.path),
        "badge_url": page_of(one.repository, "workflows", one.name, "badge.svg"),
    }
