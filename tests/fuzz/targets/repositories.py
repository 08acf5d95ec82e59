"""Manifests of every family, and the files that are generated from them. A document maps paths to texts."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

import generate
import readers
import stacks
from catalog import ownership
from onboarding.plans import components as planned
from onboarding.plans import reachability
from readers import child
from readers.pool import Pool
from stacks import Component, Reading
from stacks.choosing import MAX_FETCHED
from stacks.families import FAMILIES
from tests.fuzz.oracles import sentence, short, storable
from tests.fuzz.parser import Document, Parser
from tests.fuzz.targets.repository_samples import REPOSITORIES
from tests.unit.generate.proposals import PLACEMENT, STACKS, monorepo
from tests.unit.stacks.test_families import CASES

SAMPLES = Path(__file__).parents[3] / "sandbox/world/samples/files"
EGRESS = [{"cidr": "10.0.0.0/16", "ports": [5432]}]
MAX_RESULT = 2_000_000
"""Characters of everything that is read or generated from one document, which is smaller than the result."""
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_OF_APPLICATION = re.compile(r"(needs\.image-|steps\.changed\.outputs\.)[a-z0-9-]+")


def texts_of(document: Document) -> dict[str, str]:
    """The document as the snapshot of a repository hands it on: path → text, both Unicode, without NUL."""
    pairs = document.items() if isinstance(document, dict) else ()
    files = {path: str(text).replace("\x00", "").encode(errors="replace").decode() for path, text in pairs}
    paths, warnings = stacks.readable(list(files))
    storable(warnings)
    return {path: files[path] for path in paths}


class _InProcess:
    """The program of a reader's child in this process, where the fuzzer sees what it executes."""

    def ask(self, request: bytes) -> bytes:
        return child.answer(request)


_POOL = cast(Pool, _InProcess())


def reading_of(files: dict[str, str]) -> Reading:
    """As a plan reads it: only the wanted texts are available, and the answer crosses the border as JSON."""
    wanted = readers.wanted(list(files), _POOL)
    assert len(wanted) <= MAX_FETCHED
    assert set(wanted) <= set(files)
    return readers.read(list(files), {path: files[path] for path in wanted}, "shop", _POOL)


def read(document: Document) -> None:
    files = texts_of(document)
    reading = reading_of(files)
    for path in files:
        stacks.worth(path.rpartition("/")[0])
    storable(reading)
    short(reading, MAX_RESULT)
    assert bool(reading.components) != bool(reading.unknown)
    assert max(Counter(each.name for each in reading.components).values(), default=1) == 1, "two have one name"
    for component in (*reading.components, *reading.others):
        _check(component)
    planned.excluded(reading)
    storable(reachability.warnings(reading.components, EGRESS))
    proposal = _proposal(reading)
    _compare(proposal, files)
    suggestions = ownership.named_in(files.get("CODEOWNERS", ""))
    assert all(len(team.split()) == 1 for pair in suggestions for team in pair)


def _check(component: Component) -> None:
    assert component.port in range(1, 65_536), component.port
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", component.name), component.name
    for setting in component.settings:
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", setting.name), setting.name


def _proposal(reading: Reading) -> tuple[generate.File, ...]:
    buildable = [component for component in reading.components if not generate.refusal(component)]
    return proposal_of(buildable)


def proposal_of(buildable: list[Component]) -> tuple[generate.File, ...]:
    """The generated files, checked; none where a value is refused."""
    if not buildable:
        return ()
    try:
        proposal = generate.files(buildable, PLACEMENT)
    except generate.Unsafe as error:
        sentence(error)
        return ()
    for file in proposal:
        check_generated(file)
    manifests = generate.objects(proposal)
    assert generate.check(manifests) == []
    generate.demand(manifests)
    title, body = generate.pull_request(buildable, proposal, PLACEMENT)
    storable([title, body])
    return proposal


def check_generated(file: generate.File) -> None:
    """It can be stored and parsed, and has no expression but ours."""
    storable(file)
    short(file, MAX_RESULT)
    expressions = {_normal(expression) for expression in _EXPRESSION.findall(file.text)}
    assert expressions <= our_expressions(), f"{file.path} has {expressions - our_expressions()}"
    assert file.text.count("${{") == len(_EXPRESSION.findall(file.text))
    assert ".." not in file.path.split("/")
    assert not file.path.startswith("/")
    if file.path.endswith((".yml", ".yaml")):
        documents: list[Any] = list(yaml.safe_load_all(file.text))
        assert all(isinstance(each, dict) for each in documents), file.path


@cache
def our_expressions() -> frozenset[str]:
    """Every expression of the files that are generated for ordinary repositories."""
    from_samples = [generate.files(_components(files), PLACEMENT) for files in (*STACKS.values(), monorepo())]
    texts = [file.text for proposal in from_samples for file in proposal]
    return frozenset(_normal(expression) for text in texts for expression in _EXPRESSION.findall(text))


def _components(files: dict[str, str]) -> list[Component]:
    return [each for each in reading_of(files).components if not generate.refusal(each)]


def _normal(expression: str) -> str:
    return _OF_APPLICATION.sub(r"\1NAME", expression)


def _compare(proposal: tuple[generate.File, ...], existing: dict[str, str]) -> None:
    """Every generated file is in one group, and nothing that people wrote is replaced."""
    compared = generate.compare(proposal, existing, set(existing))
    groups = Counter(each.path for group in (compared.new, compared.same, compared.conflicts) for each in group)
    assert groups == Counter(file.path for file in proposal)
    assert not compared.changed
    storable(readers.diffs([(each.path, each.ours, each.theirs) for each in compared.conflicts], _POOL))


def _samples() -> list[Document]:
    our_expressions()  # once, before processes are forked
    of_sandbox = [_files_of(folder) for folder in sorted(SAMPLES.iterdir())]
    with_ours = [files | _generated(files) for files in STACKS.values()]
    return [*STACKS.values(), *(files for files, _ in CASES.values()), *REPOSITORIES, *of_sandbox, *with_ours]


def _files_of(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text(errors="replace") for path in files}


def _generated(files: dict[str, str]) -> dict[str, str]:
    """What an earlier onboarding added."""
    proposal = generate.files(_components(files), PLACEMENT)
    return {file.path: file.text for file in proposal}


def _words() -> tuple[str, ...]:
    patterns = [name for family in FAMILIES for name in (*family.markers, *family.manifests, *family.entries)]
    return (
        *(name.replace("*", "x") for name in patterns),
        "Procfile",
        "Dockerfile",
        "EXPOSE 80\n",
        'CMD ["x"]\n',
        "web: x\n",
    )


PARSERS = [Parser("repositories", _samples, read, _words())]
