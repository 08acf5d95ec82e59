"""Our rows as the API returns them."""

from api.shapes import (
    EffectOut,
    LeftoverOut,
    OnboardingOut,
    PlanOut,
    StepOut,
    TicketOut,
    UndoOut,
)
from engine.models import Effect, Run, Step
from onboarding.models import Blocker, Onboarding, Plan, Undo
from onboarding.plans.content import Content
from onboarding.steps.undoing import Leftover


def plan_out(plan: Plan) -> PlanOut:
    return PlanOut(
        id=plan.pk,
        digest=plan.digest,
        repository=plan.repository.full_name,
        head=plan.head,
        team=plan.team.slug if plan.team else None,
        can_start=Content.model_validate(plan.content).can_start,
        content=plan.content,
    )


def onboarding_out(row: Onboarding) -> OnboardingOut:
    return OnboardingOut(
        id=row.pk,
        repository=row.repository.full_name,
        state=row.run.state,
        plan=row.plan_id,
        started_by=row.person.username,
        created_at=row.run.created_at,
        ended_at=row.run.ended_at,
        steps=_steps(row.run),
    )


def undo_out(row: Undo) -> UndoOut:
    return UndoOut(id=row.pk, onboarding=row.onboarding_id, state=row.run.state, steps=_steps(row.run))


def _steps(run: Run) -> list[StepOut]:
    steps = list(run.steps.prefetch_related("effects"))
    blockers = Blocker.objects.in_bulk([step.blocked_by_id for step in steps if step.blocked_by_id])
    return [step_out(step, blockers.get(step.blocked_by_id)) for step in steps]


def step_out(step: Step, blocker: Blocker | None) -> StepOut:
    return StepOut(
        name=step.name,
        state=step.state,
        move=step.move,
        attempt=step.attempt,
        reason=step.reason,
        detail=step.detail,
        since=step.since,
        due_at=step.due_at,
        links=step.links,
        effects=[effect_out(effect) for effect in step.effects.all()],
        ticket=ticket_out(blocker) if blocker else None,
    )


def ticket_out(blocker: Blocker) -> TicketOut:
    return TicketOut(
        key=blocker.ticket_key,
        url=blocker.ticket_url,
        summary=blocker.summary,
        clears_when=blocker.clears_when,
        state=blocker.state,
    )


def effect_out(effect: Effect) -> EffectOut:
    return EffectOut(kind=effect.kind, name=effect.name, state=effect.state, url=effect.url)


def leftover_out(leftover: Leftover) -> LeftoverOut:
    effect = leftover.effect
    return LeftoverOut(kind=effect.kind, name=effect.name, url=effect.url, state=leftover.state, reason=leftover.reason)
