"""A claim is a lease in the database's time and a fencing token."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from database import clock
from engine import claims, completion, execution, interventions, lease
from engine.models import Step, StepState
from engine.outcomes import Done, Lost
from tests.engine.conftest import Diamond, expire_lease

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.fault(5, "two workers claiming at once")
def test_a_held_step_cannot_be_claimed(diamond: Diamond) -> None:
    run = diamond.start()
    first = diamond.step(run, "first")
    assert claims.claim(first.pk) is not None
    assert claims.claim(first.pk) is None
    assert execution.execute(first.pk) is False


def test_an_expired_lease_frees_the_step_and_fences_its_old_holder(diamond: Diamond) -> None:
    run = diamond.start()
    old = diamond.claim(run, "first")
    expire_lease(old)
    new = claims.claim(old.pk)
    assert new is not None
    assert new.epoch == old.epoch + 1
    with pytest.raises(Lost):
        completion.complete(old, Done("too late"))
    completion.complete(new, Done("in time"))
    assert diamond.step(run, "first").reason == "in time"


def test_a_step_that_is_not_due_cannot_be_claimed(diamond: Diamond) -> None:
    first = diamond.step(diamond.start(), "first")
    Step.objects.filter(pk=first.pk).update(due_at=Now() + timedelta(seconds=60))
    assert claims.claim(first.pk) is None
    assert claims.claim_next(first.pk) is None


def test_a_step_of_an_ended_run_cannot_be_claimed(diamond: Diamond) -> None:
    run = diamond.start()
    interventions.cancel(run.pk, person="alice")
    assert claims.claim(diamond.step(run, "first").pk) is None


def test_a_claim_takes_over_what_the_run_knows(diamond: Diamond) -> None:
    run = diamond.start(topic="source:acme/shop")
    step = diamond.claim(run, "first")
    assert (step.run.pk, step.run.kind, step.run.topic) == (run.pk, run.kind, "source:acme/shop")
    assert (step.attempt, step.crashes) == (1, 0)


def test_a_claim_after_an_expired_lease_counts_a_crash(held: Step) -> None:
    expire_lease(held)
    step = claims.claim(held.pk)
    assert step is not None
    assert (step.attempt, step.crashes) == (2, 1)
    crashed = step.attempts.get()
    assert (crashed.number, crashed.outcome, crashed.message) == (1, "crashed", "The worker stopped responding.")


def test_renewing_extends_the_lease_by_its_full_length(held: Step) -> None:
    expire_lease(held)
    lease.renew(held)
    held.refresh_from_db()
    assert held.lease_until is not None
    assert timedelta(0) <= clock.now() + lease.LEASE - held.lease_until < timedelta(seconds=5)


def test_a_lost_lease_cannot_be_renewed(held: Step) -> None:
    expire_lease(held)
    assert claims.claim(held.pk) is not None
    assert not lease.held(held).exists()
    with pytest.raises(Lost):
        lease.renew(held)


def test_a_lease_ends_with_the_execution(held: Step) -> None:
    completion.complete(held, Done("done"))
    with pytest.raises(Lost):
        lease.renew(held)
    held.refresh_from_db()
    assert (held.state, held.lease_until) == (StepState.DONE, None)


def test_the_team_with_the_fewest_workers_is_served_first(diamond: Diamond) -> None:
    """Many runs of one team do not delay another's: a notification means work in a queue, not this step of it."""
    many = [diamond.start(share="many") for _ in range(3)]
    assert claims.claim_next(diamond.step(many[0], "first").pk) is not None
    few = diamond.start(share="few")
    claimed = claims.claim_next(diamond.step(many[1], "first").pk)
    assert claimed is not None
    assert claimed.run_id == few.pk
    following = claims.claim_next(diamond.step(few, "first").pk)
    assert following is not None
    assert following.run_id == many[1].pk, "a notification of a step that is already held leads to another due step"


@pytest.mark.fault(5, "two workers claiming at once")
def test_workers_that_claim_at_once_all_get_a_step(diamond: Diamond) -> None:
    """A worker that comes too late for one step claims the next: no notification is spent without effect."""
    runs = [diamond.start() for _ in range(40)]
    notified = diamond.step(runs[0], "first").pk
    claimed: list[Step | None] = []

    def claim() -> None:
        together.wait()
        claimed.append(claims.claim_next(notified))
        connection.close()

    for _ in range(5):
        together = threading.Barrier(6)
        threads = [threading.Thread(target=claim) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({step.pk for step in claimed if step is not None}) == 30


def test_a_transaction_that_idles_is_cut_off_within_a_lease() -> None:
    """Otherwise every worker that comes to the same run would hang on its lock, one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'")
        (milliseconds,) = cursor.fetchone()
    assert 0 < milliseconds <= lease.LEASE.total_seconds() * 1000
