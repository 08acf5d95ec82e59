"""actions/checkout: the commit of the run, fetched with git from the repository itself."""

import base64
from pathlib import Path

from sandbox.github import repositories
from sandbox.github.ci.actions.inputs import Inputs
from sandbox.github.ci.steps import StepFailed, StepRun
from sandbox.github.formats import WEB, web_url
from sandbox.github.git import refs


def checkout(step: StepRun, inputs: Inputs) -> None:
    """Raises StepFailed for another repository, an unknown ref, or a token without `contents: read`."""
    run = step.state.job.run
    name = inputs.text("repository", run.repository.full_name)
    if name.lower() != run.repository.full_name.lower():
        raise StepFailed(f"The sandbox checks out the run's own repository only, not {name}.")
    if not step.state.token.allows("contents"):
        raise StepFailed("Not Found: the token of this job has no `contents: read`.")
    repository = repositories.find(run.repository.owner, run.repository.name)
    sha = refs.resolve(run.repository.path, inputs.text("ref", run.head_sha).removeprefix("refs/heads/"))
    if repository is None or sha is None:
        raise StepFailed(f"A branch or tag with the name '{inputs.text('ref')}' could not be found")
    folder = (step.state.work / inputs.text("path", ".")).resolve()
    if not folder.is_relative_to(step.state.work):
        raise StepFailed(f"Repository path '{folder}' is not under '{step.state.work}'")
    folder.mkdir(parents=True, exist_ok=True)
    step.execute_checked(["git", "init", "--quiet", "--initial-branch=main", str(folder)], folder)
    step.execute_checked(["git", "remote", "add", "origin", web_url(repository.owner, repository.name)], folder)
    step.log.line(f"Fetching {sha} of {repository.full_name}")
    _fetch(step, sha, folder, inputs.text("fetch-depth", "1"))
    branch = [] if run.pull or inputs.text("ref") else ["-B", run.head_branch]
    command = ["git", "-c", "advice.detachedHead=false", "checkout", "--quiet", "--force", *branch, sha]
    step.execute_checked(command, folder)
    step.outputs |= {"commit": sha, "ref": inputs.text("ref", step.state.github["ref"])}


def _fetch(step: StepRun, sha: str, folder: Path, depth: str) -> None:
    """Without logging the command, which contains the token."""
    credentials = ["-c", f"http.{WEB}/.extraheader={_header(step.state.token.token)}"]
    depth_option = [] if depth == "0" else [f"--depth={depth}"]
    code = step.execute(["git", *credentials, "fetch", "--quiet", "--no-tags", *depth_option, "origin", sha], folder)
    if code:
        raise StepFailed(f"The process 'git' failed with exit code {code}")


def _header(token: str) -> str:
    return f"AUTHORIZATION: basic {base64.b64encode(f'x-access-token:{token}'.encode()).decode()}"
