"""The watch over what was onboarded: build, delivery and runtime, each from its own source, for as long as it lives."""

from django.db import transaction

from catalog.models import Application, Axis, Health, Status
from events.log import record
from integrations.cluster import Workload
from integrations.errors import IntegrationError
from integrations.pipelines import Build, BuildState
from integrations.secrets import redact
from onboarding.engine.outcomes import Done, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.generate import DEPLOY_JOB_PREFIX
from onboarding.models import Observation
from onboarding.steps import pauses
from onboarding.steps.journey import cluster, logs, pipelines


def perform(work: Work) -> Outcome:
    """One look at every application of the repository; an axis whose source is silent keeps what was last seen."""
    watch = Observation.objects.select_related("repository").get(pk=work.run.pk)
    rows = list(watch.applications.select_related("team", "target", "repository"))
    if not rows:
        return Done("Nothing of this repository is run through Onramp any more.")
    for look in (_builds, _runtimes):
        try:
            look(rows)
        except IntegrationError as error:
            work.log(f"could not look: {error}")
    return Wait("Watching.", pauses.watch())


def _builds(rows: list[Application]) -> None:
    repository = rows[0].repository
    build = pipelines().latest(repository.full_name, repository.default_branch)
    if build is None:
        for row in rows:
            _note(row, Axis.BUILD, Health.UNKNOWN, cause="No build of the default branch is known.")
        return
    failure = pipelines().failure(repository.full_name, build.id) if build.state == BuildState.RED else None
    deploys = failure is not None and failure.job.startswith(DEPLOY_JOB_PREFIX)
    cause = redact(f"“{failure.step or failure.job}” fails in job “{failure.job}”") if failure else ""
    for row in rows:
        concerned = failure is None or deploys is False or failure.job.endswith(row.name)
        health = _health(build)
        if deploys:
            _note(row, Axis.BUILD, Health.GOOD, url=build.url, commit=build.commit)
            _note(
                row,
                Axis.DELIVERY,
                Health.BAD if concerned else Health.GOOD,
                cause=cause if concerned else "",
                url=failure.url if failure else build.url,
                commit=build.commit,
            )
        else:
            _note(row, Axis.BUILD, health, cause=cause, url=failure.url if failure else build.url, commit=build.commit)


def _health(build: Build) -> Health:
    return {BuildState.GREEN: Health.GOOD, BuildState.RED: Health.BAD, BuildState.RUNNING: Health.BUSY}[build.state]


def _runtimes(rows: list[Application]) -> None:
    for row in rows:
        workload = cluster().workload(row.namespace, row.name)
        link = logs().link(row.namespace, row.name)
        if workload is None:
            _note(row, Axis.DELIVERY, Health.BAD, cause=f"No Deployment {row.name} in namespace {row.namespace}.")
            _note(row, Axis.RUNTIME, Health.UNKNOWN, cause="Nothing is deployed.", url=link)
            continue
        if not _delivery_is_red(row):
            _note(
                row,
                Axis.DELIVERY,
                _delivered(workload),
                cause="" if workload.current else redact(workload.says),
                url=row.repository.url,
            )
        _note(
            row,
            Axis.RUNTIME,
            Health.GOOD if workload.available else Health.BAD,
            cause="" if workload.available else redact(workload.says),
            url=link,
        )


def _delivered(workload: Workload) -> Health:
    return Health.GOOD if workload.current else Health.BUSY


def _delivery_is_red(row: Application) -> bool:
    """What the pipeline said of its own failed deployment outweighs a cluster that still runs the old one."""
    build = row.statuses.filter(axis=Axis.BUILD).first()
    delivery = row.statuses.filter(axis=Axis.DELIVERY, health=Health.BAD).first()
    return bool(build and delivery and build.commit and build.commit == delivery.commit)


def _note(row: Application, axis: Axis, health: Health, *, cause: str = "", url: str = "", commit: str = "") -> None:
    with transaction.atomic():
        if Status.note(row, axis, health, cause=cause, url=url, commit=commit):
            record(f"onramp.application.{axis}.{health}", f"application:{row.pk}", cause=cause)
