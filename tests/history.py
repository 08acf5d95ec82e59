"""Finished runs in any number, as real ones leave them: the product starts and finishes one, and SQL copies it.

They ended evenly over the past year, the oldest have the lowest ids, and every twentieth is of another repository.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, models
from django.db.models import Max

from catalog.models import Repository
from engine.models import Attempt, Effect, EffectState, Run, RunState, Step, StepState
from engine.outcomes import Wait
from events.log import record
from events.models import Event
from onboarding.models import Message, Onboarding, Plan
from tests.conftest import Cast
from tests.pages import rows

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

RUNS_PER_REPOSITORY = 20
CHUNK = 5_000
"""Runs that one set of statements copies."""
WAITING = ("build", "merge", "release", "deploy", "verification")
"""Steps that find nothing to do at first."""
WAITS = 7
"""Of each such step, and each with something new to show."""
EFFECTS = 20


@dataclass(frozen=True)
class Template:
    """The run that is copied, with the message that announces it, and the first and last event that they caused."""

    onboarding: Onboarding
    message: Message
    first_event: int
    last_event: int


def template(cast: Cast) -> Template:
    """One finished run with waits, logs, effects and a message that was sent. Its watch is not copied: it has not ended."""
    before = _last_event()
    row = rows.onboarding(cast, "history")
    _record_what_people_did(row)
    for name in rows.ORDER:
        for number in range(WAITS if name in WAITING else 0):
            rows.execute(row, name, Wait(f"Waiting for the other side: {number} of {WAITS} are there.", 30))
        if name != "verification":
            rows.execute(row, name, rows.done(name))
    rows.finish_verification(row)
    _add_effects(list(row.run.steps.all()))
    message = _send(row)
    return Template(row, message, before + 1, _last_event())


def _send(row: Onboarding) -> Message:
    """The message that announces the end of the run, as its own run leaves it."""
    message = Message.objects.get(onboarding=row)
    for step in message.run.steps.all():
        record("onramp.step.done", f"run:{message.pk}", step=step.name, attempt=1, message="Sent.", move="machine")
        Attempt.objects.create(
            step=step, number=1, began_at=step.since, ended_at=step.since, outcome="done", log="Sent.\n"
        )
    message.run.steps.update(state=StepState.DONE, attempt=1, began_at=row.run.created_at, ended_at=row.run.ended_at)
    Run.objects.filter(pk=message.pk).update(state=RunState.DONE, ended_at=row.run.ended_at)
    record("onramp.message.done", f"run:{message.pk}")
    return message


def _last_event() -> int:
    return Event.objects.aggregate(last=Max("id"))["last"] or 0


def _record_what_people_did(row: Onboarding) -> None:
    repository = row.repository.full_name
    record("onramp.plan.shown", repository, person="alice", plan=str(row.plan_id))
    record("onramp.onboarding.started", f"run:{row.pk}", person="alice", repository=repository)


def _add_effects(steps: list[Step]) -> None:
    reference = {"name": "an object of the other side", "id": 4711, "version": "a version of the object"}
    Effect.objects.bulk_create(
        Effect(
            step=steps[number % len(steps)],
            kind="branch",
            name=f"acme/history: object {number}",
            state=EffectState.MADE,
            tries=1,
            reference=reference,
            url=f"{rows.HOST}/acme/history/objects/{number}",
        )
        for number in range(EFFECTS)
    )


def add(source: Template, count: int, days: int = 0) -> None:
    """Copy it so many times, and let the planner know. The newest ended so many days ago, and the oldest a year earlier."""
    with connection.cursor() as cursor:
        for last in range(count, 0, -CHUNK):
            _number(cursor, max(1, last - CHUNK + 1), last, count, days)
            _add_chunk(cursor, source)
            cursor.execute("SELECT events_add_partitions()")
        cursor.execute("ANALYZE")


def _add_chunk(cursor: "CursorWrapper", source: Template) -> None:
    run, message = str(source.onboarding.pk), str(source.message.pk)
    _copy(cursor, Repository, {"name": "h.external", "external_id": "h.external"}, first_only=True,
          where=f"t.id = {source.onboarding.repository_id}")  # fmt: skip
    cursor.execute(
        "UPDATE history SET repository = r.id FROM catalog_repository r WHERE r.external_id = history.external"
    )
    of_repository = {"repository_id": "h.repository"}
    _copy(cursor, Plan, of_repository | {"id": "h.plan"}, where=f"t.id = '{source.onboarding.plan_id}'")
    for run_of, new in ((run, "h.run"), (message, "h.message")):
        _copy(cursor, Run, {"id": new}, where=f"t.id = '{run_of}'")
        _copy(cursor, Step, {"run_id": new}, where=f"t.run_id = '{run_of}'")
        cursor.execute("ANALYZE engine_step")  # what the planner knew may be of a table that was empty
        steps = (
            f"JOIN engine_step ts ON ts.id = t.step_id AND ts.run_id = '{run_of}' CROSS JOIN history h "
            f"JOIN engine_step s ON s.run_id = {new} AND s.name = ts.name"
        )
        for model in (Attempt, Effect):
            _copy(cursor, model, {"step_id": "s.id"}, join=steps)
    _copy(cursor, Onboarding, of_repository | {"run_id": "h.run", "plan_id": "h.plan"}, where=f"t.run_id = '{run}'")
    _copy(cursor, Message, {"run_id": "h.message", "onboarding_id": "h.run"}, where=f"t.run_id = '{message}'")
    subject = f"replace(replace(t.subject, '{run}', h.run::text), '{message}', h.message::text)"
    _copy(
        cursor, Event, {"subject": subject},
        where=f"t.id BETWEEN {source.first_event} AND {source.last_event}",
        order="h.n DESC, t.id",
    )  # fmt: skip


def _number(cursor: "CursorWrapper", first: int, last: int, count: int, days: int) -> None:
    """The new runs of a chunk: their keys, and by how much each is older than the run that is copied."""
    cursor.execute("DROP TABLE IF EXISTS history")
    cursor.execute(
        """
        CREATE TEMPORARY TABLE history AS
        SELECT n, 'past-' || n / %(per)s || '-of-' || %(count)s AS external, 0 AS repository,
            gen_random_uuid() AS run, gen_random_uuid() AS plan, gen_random_uuid() AS message,
            interval '3 hours' + %(days)s * interval '1 day' + n * interval '365 days' / %(count)s AS age
        FROM generate_series(%(first)s, %(last)s) n
        """,
        {"per": RUNS_PER_REPOSITORY, "count": count, "first": first, "last": last, "days": days},
    )
    cursor.execute("CREATE INDEX ON history (external)")
    cursor.execute("ANALYZE history")


def _copy(
    cursor: "CursorWrapper",
    model: type[models.Model],
    values: Mapping[str, str],
    *,
    where: str = "true",
    join: str = "CROSS JOIN history h",
    order: str = "",
    first_only: bool = False,
) -> None:
    """Copies of the rows of a template, with these expressions instead of its values; times are moved into the past."""
    fields = {str(field.column): field for field in model._meta.concrete_fields}
    copied = {
        name: values.get(name) or _moved(field)
        for name, field in fields.items()
        if name in values or not field.primary_key
    }
    columns, selected = ", ".join(copied), ", ".join(copied.values())
    distinct = "DISTINCT ON (h.external) " if first_only else ""
    table = model._meta.db_table
    sql = f"INSERT INTO {table} ({columns}) SELECT {distinct}{selected} FROM {table} t {join} WHERE {where}"
    if first_only:
        sql += f" AND NOT EXISTS (SELECT FROM {table} r WHERE r.external_id = h.external)"
    cursor.execute(f"{sql} ORDER BY {order}" if order else sql)


def _moved(field: "models.Field[object, object]") -> str:
    return f"t.{field.column} - h.age" if isinstance(field, models.DateTimeField) else f"t.{field.column}"
