"""What somebody deleted or changed of a namespace after its step was done: applied again before anybody is blamed for a failed
deployment."""

from typing import Any

from engine.context import Work
from engine.effects import Made
from engine.outcomes import Outcome, Wait
from integrations.cluster import cluster
from integrations.pipelines import Build
from integrations.registry import registry
from onboarding.models import EffectKind
from onboarding.steps import configuration, namespace, polling
from onboarding.steps.build import rerun
from onboarding.steps.errors import ensure
from onboarding.steps.subject import Subject
from tenancy import namespace as tenant

MAX_ATTEMPTS = 5
"""Somebody who deletes the same again and again does not keep the build running for ever."""


def restored(work: Work, subject: Subject, build: Build) -> Outcome | None:
    """Applies what differs and runs the failed jobs again. None where nothing differed before this attempt of the build failed.
    Raises IntegrationError."""
    if build.attempt > MAX_ATTEMPTS:
        return None
    occasion = f" after attempt {build.attempt} of build {build.id}"
    objects = tenant.objects(
        subject.team, subject.target, subject.content.namespace, registry().pull_access(subject.team.key)
    )
    for manifest in cluster().outdated(objects):
        _apply(work, subject, manifest, occasion)
    names = [
        name.removesuffix(occasion)
        for kind, name in work.step.known_effects
        if kind == EffectKind.RESTORATION and name.endswith(occasion)
    ]
    if not names:
        return None
    listed, where = ", ".join(sorted(names)), subject.content.namespace
    missing = configuration.missing(subject.content)
    if missing:
        return configuration.wait(
            work,
            missing,
            f"Somebody had deleted {listed} in {where}, and with it the values. Onramp restored the rest.",
        )
    if not rerun(work, subject, build):
        return None
    message = f"Somebody had deleted or changed {listed} in {where}. Onramp restored that, and the failed jobs are running again."
    return Wait(message, polling.next_check(work), links=[("Build", build.url)])


def _apply(work: Work, subject: Subject, manifest: dict[str, Any], occasion: str) -> None:
    """Once per attempt of the build, after which it may have to be restored again."""
    name = f"{manifest['kind']} {manifest['metadata']['name']}{occasion}"

    def create() -> Made:
        return Made({"uid": cluster().apply(manifest).uid})

    if not tenant.is_quota(manifest):
        ensure(work, cluster().name, EffectKind.RESTORATION, name, create=create)
        return
    with namespace.alone(work, subject):
        manifest = tenant.quota(subject.team, subject.target, subject.content.namespace)
        ensure(work, cluster().name, EffectKind.RESTORATION, name, create=create)
