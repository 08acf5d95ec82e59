"""Start commands that a repository declares: in a Procfile, or in a file of another platform."""

import shlex
from collections.abc import Mapping

import patterns
from stacks import platform_files
from stacks.components import START_COMMAND, Command, Evidence
from stacks.folder import Folder

MAX_COMMAND = 2_000
"""Characters. Nobody writes a longer command by hand."""
_PROCESS = patterns.compile(r"[A-Za-z0-9_-]+")
_FOR_A_SHELL = patterns.compile(r"[$&|;<>`]")
_SEVERAL = patterns.compile(r"[&|;<>`]")
_ASSIGNMENT = patterns.compile(r"\w+=")


def procfile(folder: Folder) -> Mapping[str, tuple[str, int]]:
    """Process name → (command, line) of a Procfile. https://devcenter.heroku.com/articles/procfile"""
    processes = {}
    for number, line in enumerate(folder.text("Procfile").splitlines(), 1):
        name, _, command = (part.strip() for part in line.partition(":"))
        if _PROCESS.fullmatch(name) and 0 < len(command) <= MAX_COMMAND:
            processes[name] = (command, number)
    return processes


def declared_start(folder: Folder, programs: patterns.Pattern) -> tuple[Command, Evidence] | None:
    """The start command that the repository declares, if its program is one of these: programs of one language.

    A Procfile counts first, with its web process or its only one; without one, the files of other platforms count.
    """
    processes = procfile(folder)
    if not processes:
        command, evidence = platform_files.start(folder) or ("", None)
        too_long = len(command) > MAX_COMMAND
        return _start(folder, command, evidence, programs) if evidence and not too_long else None
    name = "web" if "web" in processes else next(iter(processes), "")
    if not name or (name != "web" and len(processes) > 1):
        return None
    command, line = processes[name]
    return _start(folder, command, Evidence(folder.path("Procfile"), line, f"{START_COMMAND}{command}"), programs)


def _start(
    folder: Folder, command: str, evidence: Evidence, programs: patterns.Pattern
) -> tuple[Command, Evidence] | None:
    if not programs.search(command):
        return None
    try:
        return words(command.strip()), evidence
    except ValueError as error:
        folder.warn(f"{evidence.path} has a command that cannot be read: {error}.")
        return None


def words(command: str) -> Command:
    """The command as an argument list, run by a shell if it needs one. Raises ValueError for open quotes."""
    arguments = tuple(shlex.split(command))
    assigns = _ASSIGNMENT.match(command)
    if not _FOR_A_SHELL.search(command) and not assigns:
        return arguments
    single = not _SEVERAL.search(command) and not assigns
    return ("sh", "-c", f"exec {command}" if single else command)  # exec: signals reach the program itself


def others(folder: Folder) -> tuple[str, ...]:
    """The processes of the Procfile besides the web process, as "name: command"."""
    processes = procfile(folder)
    if len(processes) < 2 or "web" not in processes:
        return ()
    return tuple(f"{name}: {command}" for name, (command, _) in processes.items() if name != "web")
