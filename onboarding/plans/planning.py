"""Putting a plan together: everything an onboarding would change, worked out by reading only."""

from collections.abc import Mapping, Sequence

import generate
import readers
from catalog import identity
from catalog.models import Person, Repository, Target, Team
from integrations import http
from integrations.errors import IntegrationError
from integrations.source import RepositoryFacts
from onboarding.models import Plan
from onboarding.plans import (
    cluster_objects,
    components,
    corrections,
    files,
    forecast,
    placement,
    reachability,
    snapshot,
)
from onboarding.plans.content import Choice, Content, Correction
from onboarding.plans.placement import Basis
from onboarding.plans.preflight import RepositoryCheck, RequestRejected
from onboarding.plans.snapshot import Snapshot


def create(
    person: Person,
    check: RepositoryCheck,
    edits: Sequence[Correction] = (),
    choices: Mapping[str, Choice] | None = None,
    *,
    saved: bool = False,
) -> Plan:
    """Read the repository and store the plan.

    `saved` edits that no longer fit are left out with a warning. `choices` say which of two files at one path to keep. Raises
    RequestRejected with a sentence for the person.
    """
    with http.read_only():
        try:
            taken = snapshot.take(check.facts)
            repository = check.repository
            team, basis = placement.team_of(person, repository, taken)
            target = placement.target_of(team)
            content = _content(
                person, check.facts, taken, repository, team, target, edits, choices or {}, basis=basis, saved=saved
            )
        except generate.Unsafe as error:
            raise RequestRejected("unsafe", str(error)) from error
        except readers.NotRead as error:
            raise RequestRejected(error.kind, error.message) from error
        except IntegrationError as error:
            raise RequestRejected("provider", f"Onramp cannot create the plan right now: {error}.") from error
    identity.store(repository)
    return Plan.objects.create(
        repository=repository,
        person=person,
        team=team,
        target=target,
        head=taken.head.commit,
        digest=content.digest(),
        content=content.model_dump(mode="json"),
    )


def _content(
    person: Person,
    facts: RepositoryFacts,
    taken: Snapshot,
    repository: Repository,
    team: Team,
    target: Target,
    edits: Sequence[Correction],
    choices: Mapping[str, Choice],
    *,
    basis: Basis,
    saved: bool,
) -> Content:
    written = files.written_by_us(repository)
    # Our own files say nothing about the repository: a Dockerfile of ours is not its own.
    ours = {path for path, text in taken.texts.items() if text in written.get(path, ())}
    reading = readers.read(
        [path for path in taken.paths if path not in ours],
        {path: text for path, text in taken.texts.items() if path not in ours},
        facts.full_name.partition("/")[2],
    )
    placed = placement.placement_of(facts, team, target, taken)
    buildable = components.buildable(reading, repository, team, target)
    outdated = [edit.name for edit in edits if saved and edit.name not in {each.name for each in buildable}]
    edits = [edit for edit in edits if edit.name not in outdated]
    edited = corrections.apply(buildable, edits)
    excluded = {edit.name for edit in edits if not edit.included}
    included = [component for component in edited if component.name not in excluded]
    proposed = files.propose(included, placed, taken, written, choices)
    demands = {component.name: components.demand(proposed.manifests, component.name) for component in included}
    namespace, objects, not_asked = cluster_objects.planned(team, target, proposed.manifests, repository, demands)
    blockers, unchecked = forecast.forecast(person, repository, facts, team, target, namespace, demands, basis=basis)
    return Content(
        repository=facts.full_name,
        head=taken.head.commit,
        tree=taken.head.tree,
        branch=f"onramp/onboard-{taken.head.commit[:7]}",
        default_branch=facts.default_branch,
        namespace=target.namespace_of(team),
        team_is_suggested=basis == Basis.SUGGESTED,
        providers=placement.providers_of_golden_path(),
        corrections=list(edits),
        components=[components.planned(component, placed, demands, edits) for component in edited],
        excluded=components.excluded(reading),
        unknown="" if buildable else components.unknown(reading),
        looked_at=list(reading.unknown.looked_at) if reading.unknown else [],
        files=proposed.files,
        choices={path: choices[path] for path in proposed.conflicting if path in choices},
        conflicts=proposed.conflicts,
        objects=objects,
        predicted_blockers=blockers,
        warnings=[
            *(f"The saved edits of {name} no longer fit anything and were left out." for name in outdated),
            *not_asked,
            *unchecked,
            *reachability.warnings(included, target.egress),
            *taken.warnings,
            *_submodules(taken),
            *reading.warnings,
            *(str(problem) for problem in generate.check(proposed.manifests)),
        ],
        editions=generate.editions_of(component.family for component in included),
        title=proposed.title,
        body=proposed.body,
        message=f"{proposed.title}\n\nThe pull request explains what each file is for.",
    )


def _submodules(taken: Snapshot) -> list[str]:
    if not taken.submodules:
        return []
    return [
        f"The pipeline fetches the submodules ({', '.join(taken.submodules[:5])}) with its own token, which can read public "
        "repositories and this one. For private ones, change the checkout steps."
    ]
