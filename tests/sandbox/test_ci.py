"""The sandbox's CI runs the workflows that are pushed to it, and errors in them fail as at GitHub."""

import signal
from pathlib import Path

import jwt
import pytest
import requests
from github.Repository import Repository
from github.WorkflowJob import WorkflowJob
from github.WorkflowRun import WorkflowRun

from tests.sandbox import process
from tests.sandbox.process import Sandbox
from tests.sandbox.test_github_contract import create_branch, create_repository, until

HEAD = """\
name: ci
on:
  push: {branches: [work]}
jobs:
"""
FLOW = (
    HEAD
    + """\
  first:
    runs-on: ubuntu-latest
    outputs: {answer: "${{ steps.ask.outputs.answer }}"}
    env: {WHO: job}
    defaults: {run: {working-directory: deep}}
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with: {python-version: "3.11"}
      - run: pip install -r ../requirements.txt
      - run: |
          echo "MORE=of ${WHO}" >> "$GITHUB_ENV"
          printf 'answer<<END\\n4\\n2\\nEND\\n' >> "$GITHUB_OUTPUT"
          echo "# Done" >> "$GITHUB_STEP_SUMMARY"
        id: ask
      - run: python script.py "$MORE" && echo "secret ${{ secrets.GITHUB_TOKEN }}"
  second:
    needs: first
    if: contains(needs.first.outputs.answer, '2')
    runs-on: ubuntu-latest
    steps:
      - run: test ! -e deep && echo "clean, ${{ github.event_name }} ${{ github.repository }}"
      - run: "false"
        continue-on-error: true
      - run: "false | true"
      - run: echo never
      - if: failure()
        run: echo after the failure
  third:
    needs: second
    runs-on: ubuntu-latest
    steps: [{run: echo never}]
  last:
    needs: [first, second]
    if: always() && needs.second.result == 'failure'
    runs-on: ubuntu-latest
    steps: [{run: echo tidy}]
"""
)
IMAGE = (
    HEAD
    + """\
  image:
    runs-on: ubuntu-latest
    permissions: {contents: read, packages: PACKAGES, id-token: write}
    steps:
      - uses: actions/checkout@v5
      - uses: docker/setup-buildx-action@v3
      - uses: docker/login-action@v3
        with: {registry: "REGISTRY", username: "${{ github.actor }}", password: "${{ secrets.GITHUB_TOKEN }}"}
      - uses: docker/build-push-action@v6
        id: push
        with: {context: ., push: true, tags: "REGISTRY/${{ github.repository }}/web:${{ github.sha }}"}
      - run: |
          echo "pushed ${{ steps.push.outputs.digest }}"
          address="$ACTIONS_ID_TOKEN_REQUEST_URL&audience=onramp-cluster"
          curl -sSf -H "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$address" | jq -r .value
"""
)
DOCKERFILE = """\
FROM python:3.11-slim AS base
WORKDIR /app
RUN apt-get update && mkdir -p /data
FROM base
COPY requirements.txt *.py ./
RUN pip install --no-cache-dir -r requirements.txt
ENV PORT=8080
USER 10001
EXPOSE 8080
ENTRYPOINT ["python"]
CMD ["app.py"]
"""


def repository_with(sandbox: Sandbox, files: dict[str, str | None]) -> tuple[Repository, str]:
    repository = create_repository(sandbox)
    return repository, create_branch(repository, "work", files)


def finished(repository: Repository, sha: str) -> WorkflowRun:
    return until(lambda: next((run for run in repository.get_workflow_runs(head_sha=sha) if run.conclusion), None))


def run_workflow(sandbox: Sandbox, flow: str, **files: str) -> tuple[WorkflowRun, dict[str, WorkflowJob]]:
    paths = {
        name.replace("__", "/").replace("_txt", ".txt").replace("_py", ".py"): text for name, text in files.items()
    }
    repository, sha = repository_with(sandbox, {".github/workflows/ci.yml": flow, **paths})
    run = finished(repository, sha)
    return run, {job.name: job for job in run.jobs()}


def log_of(job: WorkflowJob) -> str:
    return requests.get(f"{job.url}/logs", headers={"Authorization": "token sandbox-alice-token"}, timeout=10).text


def test_jobs_steps_outputs_and_conditions_work_as_at_github(sandbox: Sandbox) -> None:
    files = {"deep__script_py": "import sys; print('args', sys.argv[1:])", "requirements_txt": "# nothing yet\n"}
    run, jobs = run_workflow(sandbox, FLOW, **files)
    assert run.conclusion == "failure"
    assert {name: job.conclusion for name, job in jobs.items()} == {
        "first": "success",
        "second": "failure",
        "third": "skipped",
        "last": "success",
    }
    first = log_of(jobs["first"])
    assert "args ['of job']" in first
    assert "stand-in for actions/setup-python: using Python 3.11" in first
    assert "secret ***" in first
    second = log_of(jobs["second"])
    assert "clean, push acme/c-" in second
    assert "##[error]Process completed with exit code 1." in second
    assert "after the failure" in second
    assert [step.conclusion for step in jobs["second"].steps][1:-1] == [
        "success", "success", "failure", "skipped", "success",
    ]  # fmt: skip


def run_build(sandbox: Sandbox, dockerfile: str = DOCKERFILE, packages: str = "write") -> tuple[WorkflowRun, str]:
    registry = f"127.0.0.1:{sandbox.port}/registry"
    flow = IMAGE.replace("REGISTRY", registry).replace("PACKAGES", packages)
    files = {"Dockerfile": dockerfile, "requirements_txt": "\n", "app_py": "print('up')\n"}
    run, jobs = run_workflow(sandbox, flow, **files)
    return run, log_of(jobs["image"])


def test_a_jobs_tests_ignore_the_configuration_of_parent_folders(sandbox: Sandbox) -> None:
    """The demo stores the sandbox's data below Onramp's checkout, whose pytest options must not affect jobs."""
    flow = f"""{HEAD}  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with: {{python-version: "3.11"}}
      - run: python -m pip install --quiet pytest
      - run: printf '[pytest]\\naddopts = --nobody-knows-this\\n' > ../../pytest.ini
      - run: python -m pytest
"""
    run, jobs = run_workflow(sandbox, flow, test_it_py="def test_it() -> None: ...\n")
    assert run.conclusion == "success", log_of(jobs["test"])
    assert "1 passed" in log_of(jobs["test"])


def test_an_image_is_built_pushed_and_stored(sandbox: Sandbox) -> None:
    run, log = run_build(sandbox)
    assert run.conclusion == "success", log
    digest = next(line.rpartition("@")[2] for line in log.splitlines() if "pushed 127.0.0.1" in line)
    root = sandbox.data / "images" / digest.removeprefix("sha256:")
    assert (root / "app/app.py").read_text() == "print('up')\n"
    assert (root / "data").is_dir()
    assert "simulated, not run: apt-get update" in log


def test_a_job_receives_a_valid_oidc_token(sandbox: Sandbox) -> None:
    run, log = run_build(sandbox)
    token = next(line.split()[-1] for line in log.splitlines() if line.split()[-1].count(".") == 2 and "eyJ" in line)
    issuer = f"{sandbox.url}/github/_oidc"
    configuration = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    keys = requests.get(configuration["jwks_uri"], timeout=10).json()
    key = jwt.PyJWK(keys["keys"][0])
    claims = jwt.decode(token, key.key, algorithms=["RS256"], audience="onramp-cluster", issuer=issuer)
    ids = f"acme@1000/{run.repository.name}@{run.repository.id}"
    assert claims["sub"] == f"repo:{ids}:ref:refs/heads/work"
    assert (claims["sha"], claims["run_id"]) == (run.head_sha, str(run.id))
    assert claims["exp"] - claims["iat"] == 300


@pytest.mark.parametrize(
    ("dockerfile", "packages", "message"),
    [
        (DOCKERFILE.replace("*.py", "missing.py"), "write", '"/missing.py": not found'),
        (DOCKERFILE.replace("WORKDIR", "WORKDIRR"), "write", "unknown instruction: WORKDIRR"),
        (DOCKERFILE, "read", "permission_denied: write_package"),
    ],
)
def test_an_invalid_build_fails(sandbox: Sandbox, dockerfile: str, packages: str, message: str) -> None:
    run, log = run_build(sandbox, dockerfile, packages)
    assert run.conclusion == "failure"
    assert message in log


def test_an_unknown_action_and_a_timeout_fail_the_step(sandbox: Sandbox) -> None:
    jobs_text = """\
  unknown:
    runs-on: x
    steps: [{uses: some/thing@v1}]
  slow:
    runs-on: x
    steps:
      - run: sleep 60
        timeout-minutes: 0.01
"""
    _, jobs = run_workflow(sandbox, HEAD + jobs_text)
    assert "The sandbox has no stand-in for the action some/thing@v1" in log_of(jobs["unknown"])
    assert "has timed out after 0.01 minutes" in log_of(jobs["slow"])
    assert {job.conclusion for job in jobs.values()} == {"failure"}


def test_an_invalid_workflow_fails_without_jobs(sandbox: Sandbox) -> None:
    run, jobs = run_workflow(sandbox, HEAD + "  a: {steps: []}\n")
    assert (run.conclusion, jobs) == ("failure", {})
    assert "Required property is missing: runs-on" in requests.get(run.html_url, timeout=10).text


def test_a_cancelled_run_stops(sandbox: Sandbox) -> None:
    steps = "  a:\n    runs-on: x\n    steps:\n      - run: sleep 60\n      - run: echo never\n"
    repository, sha = repository_with(sandbox, {".github/workflows/ci.yml": HEAD + steps})
    run = until(lambda: next(iter(repository.get_workflow_runs(head_sha=sha)), None))
    until(lambda: True if [job for job in run.jobs() if job.status == "in_progress"] else None)
    assert run.cancel()
    cancelled = finished(repository, sha)
    assert cancelled.conclusion == "cancelled"
    assert "never" not in log_of(next(iter(cancelled.jobs())))


def test_breaking_the_next_build_breaks_only_that_one(sandbox: Sandbox) -> None:
    repository = create_repository(sandbox)
    page = f"{sandbox.url}/github/{repository.full_name}/_settings/break"
    assert requests.post(page, data={"value": "It fell over"}, timeout=10).ok
    sha = create_branch(
        repository, "work", {".github/workflows/ci.yml": HEAD + "  a: {runs-on: x, steps: [{run: echo ok}]}\n"}
    )
    run = finished(repository, sha)
    assert run.conclusion == "failure"
    assert "It fell over" in log_of(next(iter(run.jobs())))
    run.rerun()
    second = until(
        lambda: (
            attempt
            if (attempt := repository.get_workflow_run(run.id)).run_attempt == 2 and attempt.conclusion
            else None
        )
    )
    assert second.conclusion == "success"


def test_a_newer_run_cancels_the_older_run_of_its_concurrency_group(sandbox: Sandbox) -> None:
    flow = HEAD.replace("jobs:", "concurrency: {group: one, cancel-in-progress: true}\njobs:")
    flow += "  a: {runs-on: x, steps: [{run: 'test -e fast || sleep 30'}]}\n"
    quick = flow.replace("test -e fast || sleep 30", "echo quick")
    repository, sha = repository_with(sandbox, {".github/workflows/ci.yml": flow})
    until(
        lambda: next((run for run in repository.get_workflow_runs(head_sha=sha) if run.status == "in_progress"), None)
    )
    later = create_branch(repository, "other", {".github/workflows/ci.yml": quick})
    repository.get_git_ref("heads/work").edit(later, force=True)
    assert finished(repository, sha).conclusion == "cancelled"
    assert finished(repository, later).conclusion == "success"


def test_a_run_starts_again_after_the_sandbox_is_killed(tmp_path: Path) -> None:
    first = process.start(tmp_path, "--empty")
    try:
        marker = tmp_path / "tries"
        steps = f"echo try >> {marker}; test $(wc -l < {marker}) -gt 1 || sleep 300"
        flow = HEAD + f"  a: {{runs-on: x, steps: [{{run: '{steps}'}}]}}\n"
        repository, sha = repository_with(first, {".github/workflows/ci.yml": flow})
        until(lambda: True if marker.exists() else None)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(10)
        second = process.start(tmp_path, "--empty", port=first.port)
        try:
            assert finished(repository, sha).conclusion == "success"
            assert marker.read_text().count("try") == 2
            assert leftover_processes(str(tmp_path)) == []
        finally:
            process.stop(second.process)
    finally:
        process.stop(first.process)


def leftover_processes(folder: str) -> list[str]:
    """The ids of the processes that jobs of this sandbox left behind."""
    ids = []
    for path in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if str(path.readlink()).startswith(f"{folder}/jobs"):
                ids.append(path.parent.name)
        except OSError:
            continue
    return ids
