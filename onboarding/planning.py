"""A plan: everything an onboarding would change, worked out by reading only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalog import ownership
from catalog.models import Application, Person, Repository, Target, Team
from integrations import http, providers
from integrations.errors import IntegrationError
from integrations.registry import RegistryReader
from integrations.source import RepositoryFacts
from onboarding import causes_room, fetching, foreseeing, generate, stacks, tenancy
from onboarding.content import (
    Because,
    Choice,
    Clash,
    Content,
    Correction,
    PlannedComponent,
    PlannedFile,
    PlannedObject,
    PlannedOther,
    PlannedSetting,
)
from onboarding.correcting import corrected
from onboarding.looking import Look, Refused
from onboarding.models import Plan, RunState
from onboarding.stacks import Component, Reading
from onboarding.stacks.components import Role

EARLIER = 20
"""Onboardings of one repository whose files are known as ours."""


def make(
    person: Person,
    look: Look,
    corrections: Sequence[Correction] = (),
    choices: Mapping[str, Choice] | None = None,
    *,
    kept: bool = False,
) -> Plan:
    """Read the repository and store the plan. Of `kept` corrections those that fit nothing any more are left out, and said.
    `choices` say which of two files at one path shall stand. Raises Refused with the sentence for the person."""
    with http.reading():
        try:
            read = fetching.read(look.facts)
            repository = _repository(look)
            team = ownership.owner(repository, codeowners=_first(read.texts, ownership.CODEOWNERS))
            unowned = team is None
            team = team or ownership.team_of(person)
            if team is None:
                raise Refused(
                    "no-team",
                    "You are on no team that Onramp knows, and the repository names no owner. Ask your platform team to add you to a team.",
                )
            target = Target.objects.filter(organisation=team.organisation).first()
            if target is None:
                raise Refused(
                    "no-target", f"{team.organisation} has no target to deploy to yet. This is for the platform team."
                )
            content = _content(
                look, read, team, target, corrections, choices or {}, repository=repository, unowned=unowned, kept=kept
            )
        except IntegrationError as error:
            raise Refused("provider", f"The plan cannot be made right now: {error}.") from error
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
    row = row or Repository(host=found.host, owner=owner, name=name)
    row.default_branch, row.private = look.facts.default_branch, look.facts.private
    return row


def _content(
    look: Look,
    read: fetching.Read,
    team: Team,
    target: Target,
    corrections: Sequence[Correction],
    choices: Mapping[str, Choice],
    *,
    repository: Repository,
    unowned: bool,
    kept: bool,
) -> Content:
    facts, namespace = look.facts, target.namespace_of(team)
    written = _written(repository)
    ours = {path for path, text in read.texts.items() if text in written.get(path, ())}
    # What we wrote ourselves tells nothing of the repository: a Dockerfile of ours is not its own.
    paths = [path for path in read.paths if path not in ours]
    texts = {path: text for path, text in read.texts.items() if path not in ours}
    found = stacks.read(paths, texts, facts.full_name.partition("/")[2])
    placement = _placement(facts, team, target)
    offered = _distinct([one for one in found.components if not generate.refusal(one)], repository, team, target)
    names = {one.name for one in offered}
    stale = [one.name for one in corrections if kept and one.name not in names]
    corrections = [one for one in corrections if one.name not in stale]
    unneeded = {one.name: one.unneeded for one in corrections}
    excluded = {one.name for one in corrections if not one.included}
    components = corrected(offered, corrections)
    included = [one for one in components if one.name not in excluded]
    files = generate.files(included, placement) if included else ()
    compared = generate.compare(files, read.texts, read.paths, written)
    preferred = {one.path for one in compared.conflicts if choices.get(one.path) == Choice.OURS}
    changed = (*compared.changed, *(one for one in files if one.path in preferred))
    manifests = generate.objects(files)
    demands = {one.name: _demand(manifests, one.name) for one in included}
    room, objects = _objects(team, target, namespace, manifests, repository, demands)
    foreseen, unseen = foreseeing.foreseen(
        repository, facts, team, target, room, list(demands.values()), unowned=unowned
    )
    title, body = generate.pull_request(included, compared.new, placement, changed) if included else ("", "")
    return Content(
        repository=facts.full_name,
        head=read.head.commit,
        tree=read.head.tree,
        branch=f"onramp/onboard-{read.head.commit[:7]}",
        default_branch=facts.default_branch,
        namespace=namespace,
        providers=_providers(),
        corrections=list(corrections),
        components=[
            _planned(
                one,
                placement,
                demands.get(one.name, {}),
                included=one.name not in excluded,
                unneeded=unneeded.get(one.name, ()),
            )
            for one in components
        ],
        others=_others(found),
        unknown="" if offered else _unknown(found),
        looked_at=list(found.unknown.looked_at) if found.unknown else [],
        files=[
            PlannedFile(path=one.path, text=one.text, why=one.why, diff=generate.diff(one, read.texts.get(one.path)))
            for one in sorted((*compared.new, *changed), key=lambda file: file.path)
        ],
        choices={one.path: choices[one.path] for one in compared.conflicts if one.path in choices},
        clashes=[Clash(path=one.path, diff=_clash(one), chosen=choices.get(one.path)) for one in compared.conflicts],
        objects=objects,
        foreseen=foreseen,
        warnings=[
            *(f"What was set right about {name} fits nothing any more, and was left out." for name in stale),
            *unseen,
            *read.warnings,
            *found.warnings,
            *(str(problem) for problem in generate.check(manifests)),
        ],
        template=generate.TEMPLATE,
        title=title,
        body=body,
        message=f"{title}\n\nThe pull request says what each file is for.",
    )


def _written(repository: Repository) -> dict[str, set[str]]:
    """Path → the texts that earlier onboardings of the repository brought there."""
    done = Plan.objects.filter(repository__pk=repository.pk, onboardings__run__state=RunState.DONE)
    found: dict[str, set[str]] = {}
    for content in done.order_by("-created_at").values_list("content", flat=True)[:EARLIER]:
        for file in content["files"]:
            found.setdefault(file["path"], set()).add(file["text"])
    return found


_ESCAPE = "A Dockerfile of its own, with EXPOSE and CMD, makes it one: Onramp then builds and runs what that says."


def _others(found: Reading) -> list[PlannedOther]:
    """What is not deployed, with the reason; libraries last, because nobody misses them."""
    refused = [(one, generate.refusal(one)) for one in found.components]
    left = [(one, why) for one, why in refused if why]
    left += sorted(((one, one.left) for one in found.others), key=lambda pair: pair[0].role == Role.LIBRARY)
    return [
        PlannedOther(
            name=one.name,
            root=one.root,
            language=one.language or one.family,
            framework=one.framework,
            why=why,
            can="" if one.role == Role.LIBRARY or (why != generate.refusal(one) and one.deployable) else _ESCAPE,
        )
        for one, why in left
    ]


def _unknown(found: Reading) -> str:
    """Why there is nothing to onboard."""
    if found.unknown is not None:
        return found.unknown.reason
    said = ", ".join(f"{one.root or 'the repository'}: {generate.refusal(one)}" for one in found.components[:3])
    return f"It was recognised, and cannot be built yet ({said}). {_ESCAPE}"


def _providers() -> dict[str, str]:
    """Capability → the provider that fills it: the default of the golden path."""
    offers = {capability: providers.offered(capability) for capability in providers.CATALOGUE}
    return {capability: names[0] for capability, names in offers.items() if names}


def _placement(facts: RepositoryFacts, team: Team, target: Target) -> generate.Placement:
    registry: RegistryReader = providers.provider("registry")
    owner, _, name = facts.full_name.partition("/")
    return generate.Placement(
        owner=owner,
        repository=name,
        default_branch=facts.default_branch,
        team=team.slug,
        namespace=target.namespace_of(team),
        registry_host=registry.host,
        cluster_url=target.cluster_url,
        cluster_ca=target.cluster_ca or None,
        oidc_audience=target.oidc_audience,
        address=target.address,
    )


def _distinct(found: Sequence[Component], repository: Repository, team: Team, target: Target) -> list[Component]:
    """A name that another repository of the team uses already gets this repository's name before it."""
    others = Application.objects.held(team, target).exclude(repository__pk=repository.pk)
    taken = set(others.values_list("name", flat=True))
    return [
        replace(one, name=stacks.label(f"{repository.name}-{one.name}")) if one.name in taken else one for one in found
    ]


def _demand(manifests: Sequence[dict[str, Any]], application: str) -> dict[str, str]:
    """What one application asks of the quota: its pods and the one more of a rolling update."""
    own = [one for one in manifests if one["metadata"]["labels"].get("app.kubernetes.io/name") == application]
    return generate.demand(own)


def _objects(
    team: Team,
    target: Target,
    namespace: str,
    manifests: Sequence[dict[str, Any]],
    repository: Repository,
    demands: Mapping[str, Mapping[str, str]],
) -> tuple[dict[str, Any] | None, list[PlannedObject]]:
    """(the namespace as it is, all objects of the plan with who checked them)."""
    cluster = causes_room.reader()
    exists = cluster.get("Namespace", None, namespace)
    room = tenancy.planned(team, target, namespace, repository, demands)
    refused = {(one.kind, one.name): one.says for one in cluster.dry_run(room)} if exists else {}
    objects = []
    for manifest in room:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        there = cluster.get(kind, manifest["metadata"].get("namespace"), name) if exists else None
        says = refused.get((kind, name), "accepted by the cluster's dry run")
        checked = says if exists else "checked offline: the namespace does not exist yet"
        objects.append(_object(manifest, namespace, "change" if there else "new", checked))
    for manifest in manifests:
        objects.append(_object(manifest, namespace, "by the pipeline", "checked offline: the pipeline applies it"))
    return exists, objects


def _object(manifest: dict[str, Any], namespace: str, change: str, checked: str) -> PlannedObject:
    metadata = manifest["metadata"]
    return PlannedObject(
        kind=manifest["kind"],
        name=metadata["name"],
        namespace=metadata.get("namespace", ""),
        change=change,
        checked=checked,
        manifest=manifest,
    )


def _clash(conflict: generate.Conflict) -> str:
    return generate.diff(generate.File(conflict.path, conflict.ours, ""), conflict.theirs)


def _planned(
    component: Component,
    placement: generate.Placement,
    demand: Mapping[str, str],
    *,
    included: bool,
    unneeded: Collection[str],
) -> PlannedComponent:
    address = placement.address.format(application=component.name, namespace=placement.namespace)
    return PlannedComponent(
        name=component.name,
        root=component.root,
        family=component.family,
        language=component.language,
        version=component.version or "",
        framework=component.framework or "",
        start=list(component.start),
        test=list(component.test or ()),
        port=component.port,
        health_path=component.health_path,
        metrics_path=component.metrics_path or "",
        confidence=component.confidence,
        evidence=[Because(path=one.path, line=one.line, says=one.says) for one in component.evidence],
        settings=[
            PlannedSetting(
                name=one.name,
                default=one.default,
                secret=one.secret,
                path=one.evidence.path,
                line=one.evidence.line,
                required=one.required and one.name not in unneeded,
                asked=one.required,
            )
            for one in component.settings
        ],
        address=address,
        demand=dict(demand),
        included=included,
        role=component.role,
        container_file=component.container_file,
        package_manager=component.package_manager,
        build=list(component.build),
        output=component.output,
        needs=list(component.needs),
        alternatives=list(component.alternatives),
    )


def _first(texts: Mapping[str, str], paths: Sequence[str]) -> str:
    return next((texts[path] for path in paths if path in texts), "")
