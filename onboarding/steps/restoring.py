"""What somebody deleted or changed of a namespace after its step was done: applied again before anybody is blamed for a failed
deployment."""

from collections.abc import Sequence
from typing import Any

from engine.context import Work
from engine.effects import Made
from engine.outcomes import Outcome, Wait
from integrations.cluster import cluster
from integrations.pipelines import Build, pipelines
from integrations.registry import registry
from integrations.source import identity
from onboarding.models import EffectKind
from onboarding.steps import configuration, polling
from onboarding.steps.errors import ensure
from onboarding.steps.subject import Subject
from tenancy import namespace as tenant

MAX_ATTEMPTS = 5
"""Somebody who deletes the same again and again does not keep the build running for ever."""


def restored(work: Work, subject: Subject, build: Build) -> Outcome | None:
    """Applies what differs and runs the failed jobs again. None where nothing differs. Raises IntegrationError."""
    if build.attempt > MAX_ATTEMPTS:
        return None
    objects = tenant.objects(
        subject.team, subject.target, subject.content.namespace, registry().pull_access(subject.team.key)
    )
    outdated = cluster().outdated(objects)
    if not outdated:
        return None
    links = [("Build", build.url)]
    for manifest in outdated:
        _apply(work, manifest, build)
    names = _names(outdated)
    work.log(f"restored {names}")
    missing = configuration.missing(subject.content)
    if missing:
        return configuration.wait(
            work, missing, f"Onramp restored {names} in {subject.content.namespace}, but the values are gone."
        )
    name = f"{subject.name} build {build.id}, attempt {build.attempt}, after restoring"

    def rerun() -> Made:
        facts = identity.facts_of(subject.name, subject.repository.external_id)
        pipelines().rerun(facts.full_name, build.id)
        return Made({"build": build.id}, build.url)

    ensure(work, pipelines().name, EffectKind.BUILD_RERUN, name, create=rerun)
    message = (
        f"Somebody had deleted or changed {names} in {subject.content.namespace}. Onramp restored that, and the failed jobs are "
        "running again."
    )
    return Wait(message, polling.next_check(work), links=links)


def _apply(work: Work, manifest: dict[str, Any], build: Build) -> None:
    """Once per attempt of the build: it may have to be restored again."""
    name = f"{manifest['kind']} {manifest['metadata']['name']} before attempt {build.attempt + 1} of build {build.id}"
    ensure(
        work,
        cluster().name,
        EffectKind.RESTORATION,
        name,
        create=lambda: Made({"uid": cluster().apply(manifest).uid}),
    )


def _names(objects: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{manifest['kind']} {manifest['metadata']['name']}" for manifest in objects)
