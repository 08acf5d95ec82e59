"""From what was read of a repository to the components of a plan, and the reasons for everything that is left out."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import generate
import stacks
from catalog.models import MAX_LABEL, Application, Repository, Target, Team
from onboarding.plans.content import Correction, ExcludedComponent, PlannedComponent, PlannedEvidence, PlannedSetting
from stacks import Component, Reading
from stacks.components import Role

_REMEDY = "Add a Dockerfile with EXPOSE and CMD to it: Onramp then builds and runs what the Dockerfile says."


def buildable(reading: Reading, repository: Repository, team: Team, target: Target) -> list[Component]:
    """The components that can be built, under names that no other repository of the team uses."""
    others = Application.objects.held(team, target).exclude(repository__pk=repository.pk)
    taken = set(others.values_list("name", flat=True))
    named = []
    for component in reading.components:
        if not generate.refusal(component):
            name = next(name for name in _names(component, repository) if name not in taken)
            taken.add(name)
            named.append(replace(component, name=name))
    return named


def _names(component: Component, repository: Repository) -> Iterator[str]:
    """What it could be called: its own name first, then with the repository's, then with a number."""
    yield component.name
    full = stacks.label(f"{repository.name}-{component.name}")
    yield full
    yield from (f"{full[: MAX_LABEL - 4]}-{number}" for number in itertools.count(2))


def demand(manifests: Sequence[dict[str, Any]], application: str) -> dict[str, str]:
    """What one application requests of the quota: its pods and the extra one of a rolling update."""
    matching = [
        manifest
        for manifest in manifests
        if manifest["metadata"]["labels"].get("app.kubernetes.io/name") == application
    ]
    return generate.demand(matching)


def excluded(reading: Reading) -> list[ExcludedComponent]:
    """Whatever is not deployed, with the reason; libraries last, because nobody misses them."""
    refused = [(component, reason) for component in reading.components if (reason := generate.refusal(component))]
    others = sorted(
        ((component, component.left) for component in reading.others), key=lambda pair: pair[0].role == Role.LIBRARY
    )
    return [
        ExcludedComponent(
            name=component.name,
            root=component.root,
            language=component.language or component.family,
            framework=component.framework,
            reason=reason,
            remedy=_remedy(component, reason),
        )
        for component, reason in (*refused, *others)
    ]


def _remedy(component: Component, reason: str) -> str:
    """Empty for a library, and for something that is deployable but deliberately left out."""
    if component.role == Role.LIBRARY:
        return ""
    return "" if reason != generate.refusal(component) and component.deployable else _REMEDY


def unknown(reading: Reading) -> str:
    """Why there is nothing to onboard."""
    if reading.unknown is not None:
        return reading.unknown.reason
    reasons = ", ".join(
        f"{component.root or 'the repository'}: {generate.refusal(component)}" for component in reading.components[:3]
    )
    return f"Onramp recognised it but cannot build it yet ({reasons}). {_REMEDY}"


def planned(
    component: Component,
    placement: generate.Placement,
    demands: Mapping[str, Mapping[str, str]],
    edits: Sequence[Correction],
) -> PlannedComponent:
    edit = next((edit for edit in edits if edit.name == component.name), Correction(name=component.name))
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
        evidence=[
            PlannedEvidence(path=evidence.path, line=evidence.line, message=evidence.message)
            for evidence in component.evidence
        ],
        settings=_settings(component, edit),
        address=placement.address_of(component.name),
        demand=dict(demands.get(component.name, {})),
        included=edit.included,
        role=component.role,
        container_file=component.container_file,
        package_manager=component.package_manager,
        build=list(component.build),
        output=component.output,
        needs=list(component.needs),
        alternatives=list(component.alternatives),
    )


def _settings(component: Component, edit: Correction) -> list[PlannedSetting]:
    return [
        PlannedSetting(
            name=setting.name,
            default=setting.default,
            secret=setting.secret,
            path=setting.evidence.path,
            line=setting.evidence.line,
            required=setting.required and setting.name not in edit.unneeded,
            seems_required=setting.required,
        )
        for setting in component.settings
    ]
