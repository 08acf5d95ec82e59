"""docker/setup-buildx-action, docker/login-action and docker/build-push-action."""

import shutil
import tempfile
from pathlib import Path

from sandbox.github.ci.actions.inputs import Inputs
from sandbox.github.ci.image.build import Build
from sandbox.github.ci.image.dockerfile import DockerfileError
from sandbox.github.ci.image.stage import Stage
from sandbox.github.ci.steps import StepFailed, StepRun
from sandbox.github.identity import identify
from sandbox.registry import images as registry


def setup_buildx(step: StepRun, inputs: Inputs) -> None:
    step.log.line("there is no Docker here: the sandbox reads the Dockerfile itself and stores the image as a folder")
    step.outputs |= {"name": "sandbox", "driver": inputs.text("driver", "docker-container"), "platforms": "linux/amd64"}


def login(step: StepRun, inputs: Inputs) -> None:
    """Raises StepFailed when the password is not a valid token."""
    host = inputs.text("registry", "docker.io")
    username, password = inputs.required("username"), inputs.required("password")
    if identify(password) is None:
        raise StepFailed(f'Error response from daemon: Get "https://{host}/v2/": denied: denied')
    step.state.logins[host] = password
    step.log.line(f"Logging into {host} as {username}...")
    step.log.line("Login Succeeded!")


def build_push(step: StepRun, inputs: Inputs) -> None:
    """Raises StepFailed where docker would fail too."""
    with tempfile.TemporaryDirectory(dir=step.state.folder) as temporary:
        context = _context(step, inputs)
        file = step.state.work / inputs.text("file") if inputs.text("file") else context / "Dockerfile"
        if not file.is_file():
            message = f"failed to read dockerfile: open {file.name}: no such file or directory"
            raise StepFailed(f"ERROR: failed to build: {message}")
        try:
            build = Build(context, Path(temporary) / "stages", step.log.line, step.execute)
            stage = build.build(file.read_text(errors="replace"))
        except DockerfileError as error:
            raise StepFailed(f"ERROR: failed to build: {error}") from error
        _push(step, inputs, stage)


def _context(step: StepRun, inputs: Inputs) -> Path:
    """The folder to build from. Raises StepFailed without one: the sandbox does not fetch the repository again."""
    path = inputs.required("context")
    context = (step.state.work / path).resolve()
    if not context.is_dir() or not context.is_relative_to(step.state.work):
        raise StepFailed(f'ERROR: unable to prepare context: path "{path}" not found')
    return context


def _push(step: StepRun, inputs: Inputs, stage: Stage) -> None:
    """Set the outputs, and push the image if `push` is set."""
    tags = inputs.lines("tags")
    stage.command = [*stage.entrypoint, *stage.command]
    digest = registry.digest_of(stage)
    if inputs.flag("push"):
        if not tags:
            raise StepFailed("ERROR: tag is needed when pushing to registry")
        for tag in tags:
            _check_push(step, tag)
        try:
            digest = registry.push(stage, tags)
        except registry.BadReference as error:
            raise StepFailed(f"ERROR: failed to build: {error}") from error
        for tag in tags:
            step.log.line(f"pushed {tag}@{digest}")
    shutil.rmtree(stage.root, ignore_errors=True)
    step.log.line(f"digest: {digest}")
    step.outputs |= {"digest": digest, "imageid": digest, "metadata": f'{{"containerimage.digest": "{digest}"}}'}


def _check_push(step: StepRun, reference: str) -> None:
    """Raises StepFailed unless the login's token can write packages of this repository's owner."""
    token = next((token for host, token in step.state.logins.items() if reference.startswith(f"{host}/")), None)
    caller = identify(token) if token else None
    if caller is None:
        raise StepFailed(f"ERROR: failed to push {reference}: denied: requested access to the resource is denied")
    job_token = caller.job_token
    if job_token is not None and not job_token.allows("packages", "write"):
        raise StepFailed(f"ERROR: failed to push {reference}: denied: permission_denied: write_package")
    owner = step.state.job.repository.owner.lower()
    if job_token is not None and not reference.startswith(f"{registry.host()}/{owner}/"):
        message = "permission_denied: The token provided does not match expected scopes."
        raise StepFailed(f"ERROR: failed to push {reference}: denied: {message}")
