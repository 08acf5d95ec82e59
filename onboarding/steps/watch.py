"""The watch over what was onboarded: build, delivery and runtime, each from its own source, for as long as it runs."""

from catalog.models import Application, Axis, Health, Status
from engine.context import Work
from engine.outcomes import Done, Outcome, Wait
from engine.registry import StepKind
from events.log import record
from generate import DEPLOY_JOB_PREFIX
from integrations.cluster import Workload, cluster
from integrations.errors import IntegrationError
from integrations.logs import logs
from integrations.pipelines import Build, BuildFailure, BuildState, pipelines
from integrations.secrets import redact
from onboarding.models import Watch
from onboarding.steps import polling

_HEALTH = {
    BuildState.QUEUED: Health.BUSY,
    BuildState.HELD: Health.BUSY,
    BuildState.RUNNING: Health.BUSY,
    BuildState.GREEN: Health.GOOD,
    BuildState.RED: Health.BAD,
    BuildState.CANCELLED: Health.BAD,
    BuildState.INVALID: Health.BAD,
}
_STOPPED = {
    BuildState.HELD: "The build waits for approval.",
    BuildState.CANCELLED: "Somebody cancelled the build.",
    BuildState.INVALID: "The build could not start.",
}


def perform(work: Work) -> Outcome:
    """One check of every application of the repository; an axis whose source is silent keeps what was last seen."""
    watch = Watch.objects.select_related("repository").get(pk=work.run.pk)
    rows = list(watch.applications.select_related("team", "target", "repository"))
    if not rows:
        return Done("No application of this repository runs through Onramp any more.")
    for check in (_check_builds, _check_runtimes):
        try:
            check(work, rows)
        except IntegrationError as error:
            work.log(f"could not check: {error}")
    return Wait("Watching.", polling.watch_interval())


def _check_builds(work: Work, rows: list[Application]) -> None:
    repository = rows[0].repository
    build = pipelines().latest(repository.full_name, repository.default_branch)
    if build is None:
        for row in rows:
            _note(work, row, Axis.BUILD, Health.UNKNOWN, cause="No build of the default branch is known.")
        return
    failure = pipelines().failure(repository.full_name, build.id) if build.state == BuildState.RED else None
    for row in rows:
        if failure is not None and failure.job.startswith(DEPLOY_JOB_PREFIX):
            _note_failed_deployment(work, row, build, failure)
        else:
            url = failure.url if failure else build.url
            cause = _cause(failure) or _STOPPED.get(build.state, "")
            _note(work, row, Axis.BUILD, _HEALTH[build.state], cause=cause, url=url, commit=build.commit)


def _note_failed_deployment(work: Work, row: Application, build: Build, failure: BuildFailure) -> None:
    """The build succeeded and a deployment of it failed, perhaps another application's."""
    _note(work, row, Axis.BUILD, Health.GOOD, url=build.url, commit=build.commit)
    affected = failure.job.endswith(row.name)
    health, cause = (Health.BAD, _cause(failure)) if affected else (Health.GOOD, "")
    _note(work, row, Axis.DELIVERY, health, cause=cause, url=failure.url, commit=build.commit)


def _cause(failure: BuildFailure | None) -> str:
    return redact(f"“{failure.step or failure.job}” fails in job “{failure.job}”") if failure else ""


def _check_runtimes(work: Work, rows: list[Application]) -> None:
    for row in rows:
        workload = cluster().workload(row.namespace, row.name)
        url = logs().link(row.namespace, row.name)
        if workload is None:
            _note(work, row, Axis.DELIVERY, Health.BAD, cause=f"No Deployment {row.name} in namespace {row.namespace}.")
            _note(work, row, Axis.RUNTIME, Health.UNKNOWN, cause="Nothing is deployed.", url=url)
            continue
        if not _deployment_failed(row):
            _note_rollout(work, row, workload)
        health, cause = (Health.GOOD, "") if workload.available else (Health.BAD, redact(workload.message))
        _note(work, row, Axis.RUNTIME, health, cause=cause, url=url)


def _note_rollout(work: Work, row: Application, workload: Workload) -> None:
    health, cause = (Health.GOOD, "") if workload.current else (Health.BUSY, redact(workload.message))
    _note(work, row, Axis.DELIVERY, health, cause=cause, url=row.repository.url)


def _deployment_failed(row: Application) -> bool:
    """The pipeline's own failed deployment outweighs a cluster that still runs the old revision."""
    build = row.statuses.filter(axis=Axis.BUILD).first()
    delivery = row.statuses.filter(axis=Axis.DELIVERY, health=Health.BAD).first()
    return bool(build and delivery and build.commit and build.commit == delivery.commit)


def _note(
    work: Work, row: Application, axis: Axis, health: Health, *, cause: str = "", url: str = "", commit: str = ""
) -> None:
    with work.transaction():
        if Status.note(row, axis, health, cause=cause, url=url, commit=commit):
            record(f"onramp.application.{axis}.{health}", f"application:{row.pk}", cause=cause)


STEP = StepKind("watch", "Watch", "pipelines", (), perform, never_fails=True)
