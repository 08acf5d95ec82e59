"""Onboarded is proved by effects: the image runs in that namespace, a sample and a line arrived, the address answers."""

from datetime import timedelta

from django.utils import timezone

from catalog.models import Application
from onboarding import blocking, causes_proof
from onboarding.causes_proof import Proof
from onboarding.engine.outcomes import Done, Links, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.steps import pauses
from onboarding.steps.journey import Journey, journey, logs, metrics
from onboarding.steps.outside import meets

PATIENCE = timedelta(minutes=5)
"""How long a freshly deployed application may take until its first sample and line; then the link is named as broken."""


@meets("cluster")
def perform(work: Work) -> Outcome:
    own = journey(work)
    proofs = [proof for row in own.applications for proof in causes_proof.proofs(row)]
    missing = [proof for proof in proofs if not proof.holds]
    if missing:
        now = work.now()
        if now - (work.step.began_at or now) > PATIENCE:
            return blocking.blocked(causes_proof.missing(own.onboarding, missing))
        says = "; ".join(f"{proof.application}: {proof.says}" for proof in missing)
        return Wait(
            f"{len(proofs) - len(missing)} of {len(proofs)} proofs are there. Still missing: {says}.",
            min(5.0, pauses.news(work)),
        )
    Application.objects.filter(pk__in=[row.pk for row in own.applications], onboarded_at=None).update(
        onboarded_at=timezone.now()
    )
    return Done(
        "Onboarded: " + "; ".join(f"{proof.application}: {proof.says}" for proof in proofs) + ".",
        _result(proofs),
        _links(own),
    )


def _result(proofs: list[Proof]) -> dict[str, object]:
    result: dict[str, dict[str, str]] = {}
    for proof in proofs:
        result.setdefault(proof.application, {})[proof.kind] = proof.says
    return dict(result)


def _links(own: Journey) -> Links:
    links: Links = []
    for row in own.applications:
        links.append((f"{row.name}: address", row.address))
        links.append((f"{row.name}: metrics", metrics().link(row.namespace, row.name)))
        links.append((f"{row.name}: logs", logs().link(row.namespace, row.name)))
    return links
