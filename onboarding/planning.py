"""A plan: everything an onboarding would change, worked out by reading only."""

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog import ownership
from catalog.models import Application, Person, Repository, Target, Team
from integrations import http, providers
from integrations.errors import IntegrationError, Missing
from integrations.registry import RegistryReader
from integrations.source import Head, Tree
from onboarding import causes_room, causes_source, foreseeing, generate, stacks, tenancy
from onboarding.content import (
    Because,
    Clash,
    Content,
    Correction,
    PlannedComponent,
    PlannedFile,
    PlannedObject,
    PlannedSetting,
)
from onboarding.looking import Look, Refused, source
from onboarding.models import Plan

MAX_FILES = 100_000
MAX_BYTES = 1_000_000
CODEOWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")


@dataclass(frozen=True)
class _Read:
    """A repository as it was read at one commit."""

    head: Head
    paths: list[str]
    texts: dict[str, str]
    warnings: list[str]


def make(person: Person, look: Look, corrections: Sequence[Correction] = ()) -> Plan:
    """Read the repository and store the plan. Raises Refused with the sentence for the person."""
    with http.reading():
        try:
            read = _read(look)
            repository = _repository(look)
            team = ownership.owner(repository, codeowners=_first(read.texts, CODEOWNERS))
            unowned = team is None
            team = team or ownership.team_of(person)
            if team is None:
                raise Refused("no-team", "You are on no team that Onramp knows, and the repository names no owner. Ask your platform team to add you to a team.")
            target = Target.objects.filter(organisation=team.organisation).first()
            if target is None:
                raise Refused("no-target", f"{team.organisation} has no target to deploy to yet. This is for the platform team.")
            content = _content(look, read, team, target, corrections, unowned=unowned)
        except IntegrationError as error:
            raise Refused("provider", f"The plan cannot be made right now: {error}.") from error
    repository.default_branch, repository.private = look.facts.default_branch, look.facts.private
    repository.save()
    return Plan.objects.create(
        repository=repository,
        person=person,
        team=team,
        target=target,
        head=read.head.commit,
        digest=content.digest(),
        content=content.model_dump(mode="json"),
    )


def _repository(look: Look) -> Repository:
    """The catalog's row, kept only with a plan: an address that is refused leaves nothing behind."""
    found = look.address
    row = Repository.objects.filter(host=found.host, owner__iexact=found.owner, name__iexact=found.name).first()
    owner, _, name = look.facts.full_name.partition("/")
    return row or Repository(host=found.host, owner=owner, name=name)


def _read(look: Look) -> _Read:
    name = look.facts.full_name
    try:
        head = source().head(name, look.facts.default_branch)
        tree = source().tree(name, head.tree)
    except Missing as error:
        raise Refused("empty", f"{name} is empty. Push a first commit, then come back.") from error
    if not tree.entries:
        raise Refused("empty", f"{name} holds no files yet. Push something to build, then come back.")
    if len(tree.entries) > MAX_FILES:
        raise Refused("too-large", f"{name} has more than {MAX_FILES:,} files; Onramp does not read that many.")
    paths = [entry.path for entry in tree.entries]
    texts, warnings = _texts(name, tree, stacks.wanted(paths))
    if tree.truncated:
        warnings.append("The source host listed only a part of the files; what lies deep may be missing from this plan.")
    return _Read(head, paths, texts, warnings)


def _texts(name: str, tree: Tree, wanted: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The manifests' text; what is too large or no UTF-8 is left out, and said."""
    entries = {entry.path: entry for entry in tree.entries}
    texts, warnings = {}, []
    for path in wanted:
        if entries[path].size > MAX_BYTES:
            warnings.append(f"{path} is larger than {MAX_BYTES // 1000:,} kB and was not read.")
            continue
        try:
            texts[path] = source().blob(name, entries[path].blob).decode()
        except UnicodeDecodeError:
            warnings.append(f"{path} is not UTF-8 text and was not read.")
    return texts, warnings


def _content(look: Look, read: _Read, team: Team, target: Target, corrections: Sequence[Correction], *, unowned: bool) -> Content:
    facts = look.facts
    found = stacks.read(read.paths, read.texts, facts.full_name.partition("/")[2])
    namespace = target.namespace_of(team)
    components = [_corrected(one, corrections) for one in _distinct(found.components, facts.full_name, team, target)]
    excluded = {one.name for one in corrections if not one.included}
    included = [one for one in components if one.name not in excluded]
    placement = _placement(look, team, target)
    files = generate.files(included, placement) if included else ()
    compared = generate.compare(files, {path: text for path, text in read.texts.items()})
    objects = generate.objects(files)
    problems = [f"{problem}" for problem in generate.check(objects)]
    title, body = generate.pull_request(included, compared.new, placement) if included else ("", "")
    demands = {one.name: generate.demand(generate.objects_of(files, one)) for one in included}
    exists, planned = _objects(team, target, namespace, objects)
    return Content(
        repository=facts.full_name,
        head=read.head.commit,
        tree=read.head.tree,
        branch=f"onramp/onboard-{read.head.commit[:7]}",
        default_branch=facts.default_branch,
        namespace=namespace,
        providers={capability: providers.offered(capability)[0] for capability in providers.CATALOGUE if providers.offered(capability)},
        corrections=list(corrections),
        components=[_planned(one, placement, demands.get(one.name, {}), included=one.name not in excluded) for one in components],
        unknown=found.unknown.reason if found.unknown else "",
        looked_at=list(found.unknown.looked_at) if found.unknown else [],
        files=[PlannedFile(path=one.path, text=one.text, why=one.why, diff=generate.diff(one, None)) for one in compared.new],
        clashes=[Clash(path=one.path, diff=generate.clash(one)) for one in compared.conflicts],
        objects=planned,
        foreseen=foreseeing.foreseen(facts, team, target, exists, list(demands.values()), unowned=unowned, name=facts.full_name),
        warnings=read.warnings + list(found.warnings) + problems,
        title=title,
        body=body,
        message=f"{title}\n\nFiles by Onramp; the pull request says what each is for.",
    )
