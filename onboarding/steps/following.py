"""Builds that nobody starts, that wait for a runner or a person, or that somebody stopped: each is somebody's move after a while."""

from datetime import timedelta

from django.conf import settings

from engine.context import Work
from engine.models import Move
from engine.outcomes import Outcome, Wait
from integrations.pipelines import Build, BuildState, pipelines
from onboarding.blockers import build as causes
from onboarding.blockers import lifecycle
from onboarding.blockers.build import Followed
from onboarding.steps import polling
from onboarding.steps.subject import Subject


def absent(work: Work, subject: Subject, followed: Followed, earlier: Build | None = None) -> Outcome:
    """No build of what is followed. `earlier` is the newest one there is."""
    if not polling.has_lasted(work, f"no build of {followed.commit}", _patience()):
        return Wait(f"Waiting for the pipeline of {followed.branch} to start.", polling.next_check(work))
    obstacles = pipelines().obstacles(subject.name, followed.commit)
    return lifecycle.blocked(causes.not_started(subject.onboarding, followed, obstacles, earlier))


def stopped(work: Work, subject: Subject, followed: Followed, build: Build) -> Outcome | None:
    """The outcome for a build that does nothing. None for one that runs, succeeded or failed."""
    links = [("Build", build.url)]
    if build.state == BuildState.QUEUED:
        if polling.has_lasted(work, f"queued: {build.id}, {build.attempt}", _patience()):
            return lifecycle.blocked(causes.queued(subject.onboarding, followed, build))
        return Wait("The build is queued: no runner has taken it yet.", polling.next_check(work), links=links)
    if build.state == BuildState.HELD:
        approvals = pipelines().approvals(subject.name, build.id)
        what = " and ".join(approvals) or "the approval of somebody with the right to give it"
        return Wait(f"The build of {followed.branch} waits for {what}.", polling.next_check(work), Move.TEAM, links)
    if build.state == BuildState.CANCELLED:
        message = f"The build of {followed.branch} was cancelled. Onramp does not repeat what somebody stopped: run it again, or push a commit."
        return Wait(message, polling.next_check(work), Move.TEAM, links)
    if build.state == BuildState.INVALID:
        obstacles = pipelines().obstacles(subject.name, build.commit)
        restricted = pipelines().is_restricted(subject.name)
        return lifecycle.blocked(causes.invalid(subject.onboarding, followed, build, obstacles, restricted=restricted))
    return None


def _patience() -> timedelta:
    return timedelta(seconds=settings.ENV.portal_build_patience_seconds)
