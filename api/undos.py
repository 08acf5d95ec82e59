"""What an undo would do, and the undo itself."""

import uuid

from django.http import HttpRequest
from ninja import Router, Status

from api.answers import leftover_out, undo_out
from api.authentication import person_of
from api.onboardings import visible
from api.problems import RESPONSES
from api.shapes import LeftoverOut, UndoOut
from onboarding.actions import undos
from onboarding.steps import undoing

router = Router()


@router.get(
    "/{onboarding_id}/leftovers",
    response={200: list[LeftoverOut], **RESPONSES},
    summary="List what exists of an onboarding's effects, and what an undo would do; reads from the providers",
    operation_id="listLeftovers",
)
def list_leftovers(request: HttpRequest, onboarding_id: uuid.UUID) -> list[LeftoverOut]:
    return [leftover_out(leftover) for leftover in undoing.leftovers(visible(request, onboarding_id))]


@router.post(
    "/{onboarding_id}/undo",
    response={202: UndoOut, **RESPONSES},
    summary="Undo an ended onboarding",
    operation_id="undoOnboarding",
)
def undo(request: HttpRequest, onboarding_id: uuid.UUID) -> Status[UndoOut]:
    return Status(202, undo_out(undos.start(person_of(request), visible(request, onboarding_id))))


@router.get(
    "/{onboarding_id}/undo",
    response={200: UndoOut, **RESPONSES},
    summary="Get the newest undo of an onboarding",
    operation_id="getUndo",
)
def get_undo(request: HttpRequest, onboarding_id: uuid.UUID) -> UndoOut:
    undos_of = visible(request, onboarding_id).undos.select_related("run")
    return undo_out(undos_of.latest("run__created_at"))
