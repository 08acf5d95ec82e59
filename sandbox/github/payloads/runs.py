"""Check runs, workflow runs and jobs."""

from sandbox.github.formats import iso, iso_or_none, node_id, repository_api, repository_page
from sandbox.github.git import objects
from sandbox.github.models import CheckRun, Job, Pull, Repository, Workflow, WorkflowRun
from sandbox.github.payloads import JSON, commits, people, pulls, repositories


def _pulls(repository: Repository, **filters: str) -> list[JSON]:
    open_pulls = Pull.objects.filter(repository=repository, closed_at__isnull=True, **filters)
    return [pulls.minimal(pull) for pull in open_pulls.select_related("repository")]


def check_run(check: CheckRun) -> JSON:
    """`check-run`."""
    url = repository_api(check.repository, "check-runs", check.pk)
    page = check.details_url or repository_page(check.repository, "runs", check.pk)
    return {
        "id": check.pk,
        "node_id": node_id("CheckRun", check.pk),
        "name": check.name,
        "head_sha": check.head_sha,
        "external_id": "",
        "url": url,
        "html_url": page,
        "details_url": page,
        "status": check.status,
        "conclusion": check.conclusion or None,
        "started_at": iso_or_none(check.started_at),
        "completed_at": iso_or_none(check.completed_at),
        "output": {
            "title": None,
            "summary": check.summary or None,
            "text": None,
            "annotations_count": len(check.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": check.pk},
        "app": None,
        "pull_requests": _pulls(check.repository, head_sha=check.head_sha),
    }


def run_page(run: WorkflowRun) -> str:
    return repository_page(run.repository, "actions", "runs", run.pk)


def job_page(job: Job) -> str:
    return f"{run_page(job.run)}/job/{job.pk}"


def run(run: WorkflowRun) -> JSON:
    """`workflow-run`."""
    repository = run.repository
    url = repository_api(repository, "actions", "runs", run.pk)
    repo = repositories.simple(repository)
    return {
        "id": run.pk,
        "node_id": node_id("WorkflowRun", run.pk),
        "name": run.workflow.name,
        "path": run.workflow.path,
        "display_title": run.title,
        "run_number": run.number,
        "run_attempt": run.attempt,
        "event": run.event,
        "status": run.status,
        "conclusion": run.conclusion or None,
        "workflow_id": run.workflow_id,
        "head_branch": run.head_branch,
        "head_sha": run.head_sha,
        "check_suite_id": run.pk,
        "check_suite_node_id": node_id("CheckSuite", run.pk),
        "url": url,
        "html_url": run_page(run),
        "pull_requests": _pulls(repository, head=run.head_branch),
        "created_at": iso(run.created_at),
        "updated_at": iso(run.updated_at),
        "run_started_at": iso(run.started_at),
        "actor": people.simple(run.actor),
        "triggering_actor": people.simple(run.actor),
        **{f"{name}_url": f"{url}/{name}" for name in ("jobs", "logs", "artifacts", "cancel", "rerun")},
        "previous_attempt_url": None,
        "check_suite_url": repository_api(repository, "check-suites", run.pk),
        "workflow_url": repository_api(repository, "actions", "workflows", run.workflow_id),
        "head_commit": commits.simple(objects.commit(repository.path, run.head_sha)),
        "repository": repo,
        "head_repository": repo,
    }


def job(job: Job) -> JSON:
    """`job`."""
    repository = job.repository
    has_runner = job.status != "queued" and job.conclusion != "skipped"
    return {
        "id": job.pk,
        "node_id": node_id("CheckRun", job.pk),
        "run_id": job.run_id,
        "run_url": repository_api(repository, "actions", "runs", job.run_id),
        "run_attempt": job.attempt,
        "workflow_name": job.run.workflow.name,
        "head_branch": job.run.head_branch,
        "head_sha": job.head_sha,
        "url": repository_api(repository, "actions", "jobs", job.pk),
        "html_url": job_page(job),
        "check_run_url": repository_api(repository, "check-runs", job.pk),
        "status": job.status,
        "conclusion": job.conclusion or None,
        "created_at": iso(job.created_at),
        "started_at": iso(job.started_at or job.created_at),
        "completed_at": iso_or_none(job.completed_at),
        "name": job.name,
        "steps": job.steps,
        "labels": ["ubuntu-latest"],
        "runner_id": 1 if has_runner else None,
        "runner_name": "sandbox" if has_runner else None,
        "runner_group_id": 1 if has_runner else None,
        "runner_group_name": "Default" if has_runner else None,
    }


def workflow(workflow: Workflow) -> JSON:
    """`workflow`, the workflow file of a run in webhooks."""
    return {
        "id": workflow.pk,
        "node_id": node_id("Workflow", workflow.pk),
        "name": workflow.name,
        "path": workflow.path,
        "state": workflow.state,
        "created_at": iso(workflow.created_at),
        "updated_at": iso(workflow.created_at),
        "url": repository_api(workflow.repository, "actions", "workflows", workflow.pk),
        "html_url": repository_page(workflow.repository, "blob", workflow.repository.default_branch, workflow.path),
        "badge_url": repository_page(workflow.repository, "workflows", workflow.name, "badge.svg"),
    }
