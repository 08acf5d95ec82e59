"""The checks that verify an application is really onboarded, and the cause when one keeps failing."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from catalog.models import Application
from engine.models import Move
from integrations import address
from integrations.cluster import cluster_reader
from integrations.errors import IntegrationError
from integrations.logs import logs_reader
from integrations.metrics import metrics
from integrations.secrets import redact
from onboarding.blockers.causes import Cause, Check, Facts, register
from onboarding.models import Onboarding

CAPABILITIES = {"image": "cluster", "metric": "metrics", "log": "logs"}
"""Check → whose provider it asks."""
PODS_ASKED = 3
LOG_WINDOW = timedelta(minutes=10)
"""A log line counts if it is not older than this."""


@dataclass(frozen=True)
class Verification:
    """One thing that was checked about an application. `capability` is the one whose provider is at fault, if one is."""

    application: str
    kind: str
    passed: bool
    message: str
    capability: str = ""


def verify(application: Application) -> list[Verification]:
    """Image, address, metric and log of one application, each checked at its source. Never raises for a source. Of what does not
    run, nothing else is missing by anybody's fault."""
    checks = {"image": _image, "address": _address, "metric": _metric, "log": _log}
    results: list[Verification] = []
    for kind, check in checks.items():
        try:
            passed, message = check(application)
            runs = all(result.passed for result in results if result.kind == "image")
            silence = _silence(kind, application) if runs and not passed else ""
            if silence:
                message = f"{message}. {silence}"
        except IntegrationError as error:
            passed, message = False, f"could not check the {kind}: {error}"
            silence = message
        capability = CAPABILITIES.get(kind, "") if silence else ""
        results.append(Verification(application.name, kind, passed, message, capability))
    return results


def _silence(kind: str, application: Application) -> str:
    """Why what is missing is not the application's fault; empty where it may be."""
    if kind == "metric" and not application.own_metrics:
        return "The cluster measures its pods itself, so their metrics are not collected"
    if kind == "metric" and not metrics().receives():
        return "There are no series of any pod under the configured labels: they may be wrong, or nothing is collected"
    if kind == "log" and _prints(application):
        return "Its pods print lines, so they are not shipped, or are stored under other names than configured"
    return ""


def _prints(application: Application) -> bool:
    workload = cluster_reader().workload(application.namespace, application.name)
    pods = workload.pods[:PODS_ASKED] if workload is not None else ()
    return any(cluster_reader().logs(application.namespace, pod.name, 1).strip() for pod in pods)


def _image(application: Application) -> tuple[bool, str]:
    workload = cluster_reader().workload(application.namespace, application.name)
    if workload is None:
        return False, f"no Deployment {application.name} in namespace {application.namespace}"
    if not workload.available:
        return False, workload.message
    image = _short(workload.image)
    return True, f"{workload.ready} of {workload.desired} pods run {image} in {application.namespace}"


def _address(application: Application) -> tuple[bool, str]:
    networks = settings.ENV.application_networks
    status = address.status(application.address, application.health_path, networks)
    return status < 400, f"{application.address.rstrip('/')}{application.health_path} answers {status}"


def _metric(application: Application) -> tuple[bool, str]:
    sample = metrics().sample(application.namespace, application.name, exposed=application.own_metrics)
    if sample is None:
        series = "own series" if application.own_metrics else "pods' container metrics"
        return False, f"no sample of its {series} for namespace {application.namespace} yet"
    return True, f"sample {sample.name} arrived"


def _log(application: Application) -> tuple[bool, str]:
    line = logs_reader().line(application.namespace, application.name, LOG_WINDOW)
    return (True, "a log line arrived") if line else (False, f"no log line from namespace {application.namespace} yet")


def _short(image: str) -> str:
    name, _, digest = image.partition("@sha256:")
    return f"{name.rpartition('/')[2]}@{digest[:12]}" if digest else name.rpartition("/")[2]


def _check_observed(facts: Facts) -> Check:
    capability = str(facts["capability"])
    blind = [result for result in _results(facts) if result.capability == capability]
    if blind:
        return Check(False, f"Still missing: {blind[0].application}'s {blind[0].kind} ({redact(blind[0].message)}).")
    return Check(True, f"The {capability} provider shows what runs.")


UNOBSERVED = register("not-observed", title="A provider shows no application", check=_check_observed)


def unobserved(onboarding: Onboarding, failed: Verification) -> Cause:
    """Nothing of the application is missing: its metrics, logs or pods could not be seen at all."""
    assert onboarding.team is not None
    organisation = onboarding.team.organisation
    return Cause(
        kind=UNOBSERVED,
        object=f"{failed.capability}:{organisation.slug}",
        owner=Move.PLATFORM,
        summary=f"The {failed.capability} provider does not show what runs",
        explanation=redact(f"{failed.application}'s {failed.kind}: {failed.message}. The application is not at fault."),
        clears_when=f"The {failed.capability} provider shows {failed.application}'s {failed.kind}.",
        facts={"capability": failed.capability, "repository": onboarding.repository_id},
        organisation=organisation,
    )


def _results(facts: Facts) -> list[Verification]:
    rows = Application.objects.filter(repository=facts["repository"], removed_at=None).select_related("team", "target")
    return [result for row in rows for result in verify(row)]


def _check_verified(facts: Facts) -> Check:
    failed = [result for result in _results(facts) if not result.passed]
    if failed:
        first = failed[0]
        return Check(False, f"Still missing: {first.application}'s {first.kind} ({first.message}).")
    return Check(True, "Everything that was missing has arrived.")


UNVERIFIED = register("verification-failed", title="Deployed, but not verified", check=_check_verified)


def unverified(onboarding: Onboarding, failed: list[Verification]) -> Cause:
    """Names what is broken; the team's to fix, checked without a ticket."""
    lines = "\n".join(f"• {result.application}, {result.kind}: {result.message}" for result in failed)
    return Cause(
        kind=UNVERIFIED,
        object=str(onboarding.pk),
        owner=Move.TEAM,
        summary="Deployed, but not verified: "
        + ", ".join(f"{result.application}'s {result.kind}" for result in failed),
        explanation=f"These checks fail:\n{lines}\nCheck port, path and labels of the manifests under deploy/, and what the "
        "application logs.",
        clears_when="Every application runs its image, answers at its address, and a sample and a log line of it arrived.",
        facts={"repository": onboarding.repository_id},
        team=onboarding.team,
    )
