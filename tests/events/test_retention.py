"""A source fills its own budget and nothing else; what happened is changed by nobody, and removed only by the retention."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from dashboard import operations
from events import intake, log
from events.models import Event, WebhookDelivery, WebhookSource
from portal import retention
from portal.checks import no_source_is_refused
from tests.events.conftest import Notifications, from_github, from_jira, push

pytestmark = pytest.mark.django_db
JIRA = b'{"webhookEvent":"jira:issue_updated","issue":{"id":"7","key":"PLAT-7"}}'


@contextmanager
def as_application() -> Iterator[None]:
    """A role that uses the tables and owns none of them: a predefined one, as the tests cannot create another."""
    with connection.cursor() as cursor:
        cursor.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO pg_database_owner")
        cursor.execute("SET LOCAL ROLE pg_database_owner")
        yield
        cursor.execute("RESET ROLE")


def refused(statement: str) -> bool:
    """Whether the database refuses the statement as append-only."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        assert "is append-only" in str(error)
        return True
    return False


def age(days: int) -> None:
    """Make every delivery that old, which only an owner of the table can, and only without the trigger."""
    received_at = timezone.now() - timedelta(days=days)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_webhookdelivery DISABLE TRIGGER append_only")
        cursor.execute("UPDATE events_webhookdelivery SET received_at = %s", [received_at])
        cursor.execute("ALTER TABLE events_webhookdelivery ENABLE TRIGGER append_only")


def remove_old() -> int:
    """How many deliveries were removed."""
    (kind,) = (kind for kind in retention.KINDS if kind.name == "deliveries")
    return retention.remove(kind)[0]


def configure(settings: Settings, **values: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update=values)


def test_one_signed_body_is_stored_once_under_any_id(notifications: Notifications) -> None:
    body = push()
    answers = [from_github(body, delivery=f"d-{number}").content for number in range(20)]
    assert answers[1:] == [b'{"message": "Already stored."}'] * 19
    assert WebhookDelivery.objects.count() == 1
    assert WebhookSource.objects.get().bytes == len(zlib.compress(body))


def test_another_content_under_the_same_id_is_stored(notifications: Notifications) -> None:
    """An id that somebody else used first must not make us deaf to the delivery that it belongs to."""
    assert [from_github(push(after=end), delivery="d").content for end in "ab"] == [b'{"message": "Stored."}'] * 2


def test_a_source_that_used_up_its_budget_is_refused_loudly_and_the_others_are_not(
    notifications: Notifications, settings: Settings
) -> None:
    configure(settings, portal_webhook_megabytes=0.001)
    answers = [from_github(push(after=f"{number}" * 40)) for number in range(30)]
    assert {answer.status_code for answer in answers} == {202, 503}
    assert answers[-1]["Retry-After"] == "3600"
    assert b"used up" in answers[-1].content
    assert WebhookSource.objects.get().bytes <= 1_000
    assert Event.objects.filter(type="onramp.webhooks.refused", subject="github").count() == 1
    assert any("Webhooks from github are refused" in problem for problem in operations.now().problems)
    assert [message.id for message in no_source_is_refused(None, ["default"])] == ["onramp.W005"]
    assert from_jira(JIRA).status_code == 202


def test_a_repeated_delivery_is_not_refused_by_a_full_budget(notifications: Notifications, settings: Settings) -> None:
    from_github(push())
    configure(settings, portal_webhook_megabytes=0.0001)
    assert from_github(push()).status_code == 202


def test_what_is_older_than_the_retention_is_removed_and_frees_the_budget(notifications: Notifications) -> None:
    from_github(push())
    intake.handle(WebhookDelivery.objects.get().pk)
    assert remove_old() == 0
    age(31)
    assert remove_old() == 1
    assert not WebhookDelivery.objects.exists()
    assert WebhookSource.objects.get().bytes == 0
    assert Event.objects.exists(), "what was translated stays"


def test_what_was_not_handled_is_kept(notifications: Notifications) -> None:
    from_github(push())
    age(365)
    assert remove_old() == 0


def test_a_source_is_heard_again_after_a_removal(notifications: Notifications, settings: Settings) -> None:
    from_github(push())
    intake.handle(WebhookDelivery.objects.get().pk)
    configure(settings, portal_webhook_megabytes=0.0001)
    assert from_github(push("acme/other")).status_code == 503
    age(31)
    remove_old()
    assert WebhookSource.objects.get().full_since is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events_event SET person = 'mallory'",
        "DELETE FROM events_event",
        "UPDATE events_webhookdelivery SET body = ''",
        "UPDATE events_webhookdelivery SET received_at = now() - interval '1 year', handled_at = NULL",
        "DELETE FROM events_webhookdelivery",
    ],
)
def test_what_happened_is_not_changed(notifications: Notifications, statement: str) -> None:
    from_github(push())
    log.record("onramp.test", "somebody")
    assert refused(statement)
    with as_application():
        assert refused(f"SET LOCAL onramp.retention = 'on'; {statement}")


def test_the_application_stores_handles_and_removes_without_owning_a_table(notifications: Notifications) -> None:
    with as_application():
        from_github(push())
        assert intake.handle(WebhookDelivery.objects.get().pk)
    age(31)
    with as_application():
        assert remove_old() == 1


def test_the_retention_never_removes_what_is_younger_than_a_day(notifications: Notifications) -> None:
    with pytest.raises(DatabaseError, match="a day at least"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT events_remove_deliveries('0 s', 1000)")


def test_the_tests_can_still_empty_the_tables(notifications: Notifications) -> None:
    log.record("onramp.test", "somebody")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE events_event, events_webhookdelivery CASCADE")
    assert not Event.objects.exists()
