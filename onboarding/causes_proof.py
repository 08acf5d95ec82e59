"""The proofs that an application is really onboarded, and the cause when one stays missing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from catalog.models import Application
from integrations import address, providers
from integrations.cluster import ClusterReader
from integrations.errors import IntegrationError
from integrations.logs import LogsReader
from integrations.metrics import Metrics
from onboarding.causes import Cause, Check, condition
from onboarding.models import Move, Onboarding

FRESH = timedelta(minutes=10)


@dataclass(frozen=True)
class Proof:
    """One thing seen, or not seen, of an application."""

    application: str
    kind: str
    holds: bool
    says: str


def proofs(row: Application) -> list[Proof]:
    """Image, address, metric and log of one application, each looked for at its source. Never raises for a source."""
    looks = {"image": _image, "address": _address, "metric": _metric, "log": _log}
    found = []
    for kind, look in looks.items():
        try:
            holds, says = look(row)
        except IntegrationError as error:
            holds, says = False, f"{kind} could not be looked for: {error}"
        found.append(Proof(row.name, kind, holds, says))
    return found


def _image(row: Application) -> tuple[bool, str]:
    cluster: ClusterReader = providers.provider("cluster")
    workload = cluster.workload(row.namespace, row.name)
    if workload is None:
        return False, f"no Deployment {row.name} in namespace {row.namespace}"
    if not workload.available:
        return False, workload.says
    return True, f"{workload.ready} of {workload.wanted} pods run {_short(workload.image)} in {row.namespace}"


def _address(row: Application) -> tuple[bool, str]:
    asked = row.address.rstrip("/") + row.health_path
    status = address.status(asked)
    return status < 400, f"{asked} answers {status}"


def _metric(row: Application) -> tuple[bool, str]:
    metrics: Metrics = providers.provider("metrics")
    sample = metrics.sample(row.namespace, row.name, own=row.own_metrics)
    if sample is None:
        whose = "own series" if row.own_metrics else "its pods' container metrics"
        return False, f"no sample of its {whose.removeprefix('its ')} for namespace {row.namespace} yet"
    return True, f"sample {sample.name} arrived"


def _log(row: Application) -> tuple[bool, str]:
    logs: LogsReader = providers.provider("logs")
    line = logs.line(row.namespace, row.name, FRESH)
    return (True, "a log line arrived") if line else (False, f"no log line from namespace {row.namespace} yet")


def _short(image: str) -> str:
    name, _, digest = image.partition("@sha256:")
    return f"{name.rpartition('/')[2]}@{digest[:12]}" if digest else name.rpartition("/")[2]


def missing(onboarding: Onboarding, lacking: list[Proof]) -> Cause:
    """The broken link, by name; the team's to mend, watched without a ticket."""
    lines = "\n".join(f"• {proof.application}, {proof.kind}: {proof.says}" for proof in lacking)
    return Cause(
        kind="proof-missing",
        object=str(onboarding.pk),
        owner=Move.TEAM,
        summary="Deployed, but not proved: " + ", ".join(f"{proof.application}'s {proof.kind}" for proof in lacking),
        explanation=f"This is missing:\n{lines}\nCheck port, path and labels of the manifests under deploy/, and what the "
        "application logs.",
        clears_when="Every application runs its image, answers at its address, and a sample and a line of it arrived.",
        facts={"repository": onboarding.repository_id},
        team=onboarding.team,
    )


@condition("proof-missing")
def proved(facts: dict[str, Any]) -> Check:
    rows = Application.objects.filter(repository=facts["repository"], removed_at=None).select_related("team", "target")
    lacking = [proof for row in rows for proof in proofs(row) if not proof.holds]
    if lacking:
        return Check(False, f"Still missing: {lacking[0].application}'s {lacking[0].kind} ({lacking[0].says}).")
    return Check(True, "Everything that was missing arrived.")
