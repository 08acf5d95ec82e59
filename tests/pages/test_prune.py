"""What is older than its age is removed; what an undo, the record and an audit need is not."""

import io
import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatch
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from engine import runs
from engine.context import Work
from engine.models import Attempt, Effect, Run, RunState, Step
from engine.outcomes import Failure, Outcome, Wait
from events import log
from events import retention as occasions
from events.models import Event
from onboarding.models import IdempotencyKey, Onboarding, Plan, Presence
from portal import retention
from portal.environment import VARIABLES
from portal.models import Session
from portal.retention import Kind
from tests import history
from tests.conftest import Cast
from tests.deploy.kustomization import ROOT
from tests.pages import rows
from tests.pages.conftest import signed_in

pytestmark = pytest.mark.django_db
OLD = timedelta(days=400)


def kind(name: str) -> Kind:
    return next(kind for kind in retention.KINDS if kind.name == name)


def fails(work: Work) -> Outcome:
    work.log("about to fail")
    raise Failure("It did not work.")


def prune(*options: str) -> str:
    output = io.StringIO()
    call_command("prune", *options, stdout=output)
    return output.getvalue()


def end_long_ago(row: Onboarding) -> None:
    """Its run, steps and attempts ended at an age at which details are removed."""
    moment = timezone.now() - OLD
    Run.objects.filter(pk=row.pk).update(created_at=moment, ended_at=moment)
    Attempt.objects.filter(step__run=row.pk).update(began_at=moment, ended_at=moment)


def leave_the_partition() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('events_event_id_seq', (SELECT max(lower) FROM events_partitions()))")
        cursor.execute("SELECT events_add_partitions()")


@pytest.fixture
def finished(cast: Cast) -> Onboarding:
    """A run that ended long ago, one step of which took two attempts."""
    row = rows.onboarding(cast)
    rows.execute(row, "access", fails)
    rows.finish(row)
    Effect.objects.create(
        step=row.run.steps.get(name="pipeline"), kind="branch", name="acme/shop: onramp", state="made"
    )
    end_long_ago(row)
    return row


def test_an_old_run_keeps_one_summary_for_each_step(finished: Onboarding) -> None:
    steps = list(Step.objects.filter(run=finished.pk).values())
    effects = list(Effect.objects.values())
    assert kind("attempts").measure().rows == len(rows.ORDER)
    assert retention.remove(kind("attempts")) == (len(rows.ORDER), False)
    attempts = {attempt.step.name: attempt for attempt in Attempt.objects.filter(step__run=finished.pk)}
    assert attempts["access"].number == 2, "the number of the last one is how many there were"
    assert attempts["access"].outcome == "done"
    assert {attempt.log for attempt in attempts.values()} == {""}
    assert len(attempts) == len(rows.ORDER)
    assert (steps, effects) == (list(Step.objects.filter(run=finished.pk).values()), list(Effect.objects.values()))
    assert kind("attempts").measure().rows == 0
    assert retention.remove(kind("attempts")) == (0, False)


def test_the_page_of_an_old_run_says_what_is_gone(finished: Onboarding, cast: Cast) -> None:
    retention.remove(kind("attempts"))
    page = signed_in(cast.alice).get(f"/onboardings/{finished.pk}/").content.decode()
    assert "The log was removed after 90 days." in page
    assert "No output." not in page


def test_a_young_run_and_an_active_one_keep_their_logs(cast: Cast) -> None:
    young = rows.finish(rows.onboarding(cast, "young"))
    active = rows.onboarding(cast, "active")
    rows.execute(active, "access", rows.done("access"))
    Attempt.objects.filter(step__run=active.pk).update(ended_at=timezone.now() - OLD)
    before = list(Attempt.objects.filter(step__run__in=[young.pk, active.pk]).values())
    for each in ("attempts", "superseded"):
        assert retention.remove(kind(each)) == (0, False)
    assert list(Attempt.objects.filter(step__run__in=[young.pk, active.pk]).values()) == before


def test_a_run_that_never_ends_keeps_only_its_latest_attempts(cast: Cast) -> None:
    """The watch over a repository runs for years."""
    active = rows.onboarding(cast, "active")
    for _ in range(3):
        rows.execute(active, "access", fails)
    Attempt.objects.filter(step__run=active.pk).update(ended_at=timezone.now() - OLD)
    assert kind("superseded").measure().rows == 2
    assert retention.remove(kind("superseded")) == (2, False)
    assert [attempt.number for attempt in Attempt.objects.filter(step__run=active.pk)] == [3]


def test_a_cancelled_wait_is_summarised_too(cast: Cast) -> None:
    """Its attempt never ended."""
    row = rows.onboarding(cast)
    rows.execute(row, "access", Wait("Waiting.", 30))
    Attempt.objects.filter(step__run=row.pk).update(log="a line\n")
    runs.end(row.run, RunState.CANCELLED)
    Run.objects.filter(pk=row.pk).update(ended_at=timezone.now() - OLD)
    assert retention.remove(kind("attempts")) == (1, False)
    assert Attempt.objects.get(step__run=row.pk).log == ""


def test_events_of_steps_leave_and_the_record_stays(cast: Cast) -> None:
    source = history.template(cast)
    history.add(source, 5)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_event DISABLE TRIGGER append_only")
        cursor.execute("UPDATE events_event SET time = time - interval '400 days'")
        cursor.execute("ALTER TABLE events_event ENABLE TRIGGER append_only")
    record = list(Event.objects.exclude(person="").order_by("pk").values())
    ends = Event.objects.filter(type="onramp.onboarding.done").count()
    leave_the_partition()
    amount = kind("events").measure()
    assert amount.rows == Event.objects.filter(type__startswith="onramp.step.").count() + 6, "and the ends of messages"
    assert retention.remove(kind("events")) == (amount.rows, False)
    assert list(Event.objects.exclude(person="").order_by("pk").values()) == record
    assert Event.objects.filter(type="onramp.onboarding.done").count() == ends == 6
    page = signed_in(cast.alice).get(f"/onboardings/{source.onboarding.pk}/").content.decode()
    assert "Onboarded" in page


def test_whose_time_a_run_took_is_unknown_once_its_events_are_old(finished: Onboarding, cast: Cast) -> None:
    page = signed_in(cast.alice).get(f"/onboardings/{finished.pk}/").content.decode()
    assert "Onramp worked" not in page


def test_a_plan_that_nobody_started_leaves(cast: Cast) -> None:
    started = rows.onboarding(cast).plan
    young, old = rows.plan(cast, "young"), rows.plan(cast, "old")
    Plan.objects.exclude(pk=young.pk).update(created_at=timezone.now() - OLD)
    assert kind("plans").measure().rows == 1
    retention.remove(kind("plans"))
    assert set(Plan.objects.values_list("pk", flat=True)) == {started.pk, young.pk}
    assert old.pk not in set(Plan.objects.values_list("pk", flat=True))


def test_sessions_keys_and_presences_leave(cast: Cast, alice: Client) -> None:
    row = rows.onboarding(cast)
    past = timezone.now() - OLD
    Session.objects.create(session_key="old", session_data="", expire_date=past)
    IdempotencyKey.objects.create(person=cast.alice, key="old", onboarding=row, request_digest="")
    IdempotencyKey.objects.update(created_at=past)
    Presence.objects.create(run=row.run, person=cast.alice, seen_at=past)
    prune()
    assert not Session.objects.filter(pk="old").exists()
    assert alice.get("/").status_code == 200, "a live session stays"
    assert not IdempotencyKey.objects.exists()
    assert not Presence.objects.exists()


def test_a_dry_run_says_what_would_go_and_removes_nothing(finished: Onboarding) -> None:
    before = Attempt.objects.count()
    lines = prune("--dry-run").splitlines()
    (line,) = [line for line in lines if line.startswith("attempts and logs of ended runs")]
    assert line.split()[6] == str(len(rows.ORDER))
    assert f"{timezone.now() - OLD:%Y-%m-%d}" in line
    assert "90 days (PORTAL_KEEP_LOGS_DAYS)" in line
    assert Attempt.objects.count() == before
    prune()
    assert Attempt.objects.count() == before - 1


def in_another_session(statement: str) -> Any:
    """The one value that a statement returns in a connection of its own."""
    result = []

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            result.append(cursor.fetchone())
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return result[0][0] if result[0] else None


def test_two_at_once_are_harmless(finished: Onboarding) -> None:
    with retention.exclusive() as free:
        assert free
        assert in_another_session("SELECT pg_try_advisory_lock(hashtext('retention'))") is False
    assert in_another_session("SELECT pg_try_advisory_lock(hashtext('retention'))") is True


@pytest.fixture
def _taken() -> Iterator[None]:
    """Another process removes old rows."""
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with retention.exclusive():
            begun.set()
            done.wait(30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait(30)
    yield
    done.set()
    thread.join()


@pytest.mark.usefixtures("_taken")
def test_the_second_removes_nothing_and_says_so(finished: Onboarding) -> None:
    before = Attempt.objects.count()
    with pytest.raises(CommandError, match="Another process removes old rows"):
        prune()
    assert retention.remove_a_little() is False
    assert Attempt.objects.count() == before


def test_the_sweep_removes_a_little_now_and_then(finished: Onboarding, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occasions, "_next_removal", [0.0])
    occasions.remove_occasionally()
    assert kind("attempts").measure().rows == 0
    end_long_ago(finished)
    Attempt.objects.update(is_summary=False, log="again\n")
    occasions.remove_occasionally()
    assert kind("attempts").measure().rows > 0, "not twice within ten minutes"


def test_every_table_has_an_age_or_a_reason_to_be_kept_for_ever() -> None:
    text = (ROOT / "docs" / "operating.md").read_text()
    section = text.partition("\n## What grows, and what removes it\n")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z]+_[a-z]*…?)`", section)
    missing = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if not any(fnmatch(model._meta.db_table, name.replace("…", "*")) for name in named)
    }
    assert not missing, "Add it to portal/retention.py, or say in docs/operating.md why it is kept for ever."


def test_every_age_is_a_setting_of_the_documentation() -> None:
    ages = {kind.variable for kind in retention.KINDS if kind.variable}
    assert ages == {name for name in VARIABLES if re.fullmatch(r"PORTAL_(KEEP_.*|WEBHOOK)_DAYS", name)}


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_taken_is_left_to_the_next_time() -> None:
    """Another session works on the partitions: nothing waits for it, and nothing is reported as done."""
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE ONLY events_event IN SHARE UPDATE EXCLUSIVE MODE")
            taken.set()
            done.wait(30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(30)
    try:
        retention.add_partitions()
        assert retention.remove(kind("events")) == (0, True)
        with pytest.raises(CommandError, match="Left, because a lock was taken: events of steps and messages"):
            prune()
        log.record("onramp.test", "somebody")
    finally:
        done.set()
        thread.join()
    until = time.monotonic() + 30  # autovacuum takes the same lock for a moment
    while retention.remove(kind("events")) != (0, False):
        assert time.monotonic() < until, "the lock is free again"
