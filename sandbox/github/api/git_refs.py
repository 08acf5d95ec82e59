"""`/repos/{owner}/{repo}/git/refs`: reading and moving branches and tags."""

from typing import Any

from sandbox.github import access, pushes
from sandbox.github.api.call import Call, Response
from sandbox.github.errors import ApiError, required
from sandbox.github.git import objects, refs
from sandbox.github.git.program import NULL_SHA, GitError
from sandbox.github.payloads import repositories as payloads

NO_SUCH_REF = "Reference does not exist"


def _payload(call: Call, ref: str, sha: str) -> dict[str, Any]:
    kind = objects.type_of(call.repository.path, sha) or "commit"
    return payloads.ref(call.repository, ref, sha, kind)


def ref(call: Call, ref: str) -> Any:
    full_name = f"refs/{ref.removeprefix('refs/')}"
    return _payload(call, full_name, required(refs.lookup(call.repository.path, full_name)))


def create_ref(call: Call) -> Response:
    call.require("write")
    name, sha = call.field("ref"), call.field("sha")
    path = call.repository.path
    if not refs.is_valid(path, name):
        raise ApiError(422, f"{name} is not a valid ref name.")
    if not refs.SHA.fullmatch(sha) or objects.type_of(path, sha) is None:
        raise ApiError(422, "Object does not exist")
    if refs.lookup(path, name) is not None:
        raise ApiError(422, "Reference already exists")
    _check_creation(call, name)
    _move(call, name, sha, NULL_SHA, "Reference already exists")
    return Response(_payload(call, name, sha), 201)


def _check_creation(call: Call, ref: str) -> None:
    """Raises ApiError when a protection rule keeps the caller from creating this branch."""
    branch = ref.removeprefix(pushes.HEADS)
    rule = call.repository.protection_of(branch)
    if not ref.startswith(pushes.HEADS) or rule is None or not rule.rules.get("block_creations"):
        return
    if not access.can_bypass_protection(call.account, call.repository, branch):
        raise ApiError(422, f"Cannot create the branch {branch}: a branch protection rule does not let you.")


def _check_protection(call: Call, ref: str) -> None:
    """Raises ApiError when a protection rule keeps the caller from moving this branch."""
    branch = ref.removeprefix(pushes.HEADS)
    if ref.startswith(pushes.HEADS) and not access.can_bypass_protection(call.account, call.repository, branch):
        raise ApiError(422, "Protected branch update failed: changes must be made through a pull request.")


def _move(call: Call, ref: str, new: str, old: str, message: str) -> None:
    """Raises ApiError with this message when the ref is no longer at `old`."""
    try:
        pushes.update(call.repository, ref, new, old, call.account.login)
    except GitError as error:
        raise ApiError(422, message) from error


def update_ref(call: Call, ref: str) -> Any:
    call.require("write")
    sha = call.field("sha")
    path, full_name = call.repository.path, f"refs/{ref}"
    old = required(refs.lookup(path, full_name), ApiError(422, NO_SUCH_REF))
    if not refs.SHA.fullmatch(sha) or objects.type_of(path, sha) != "commit":
        raise ApiError(422, "Object does not exist")
    if not call.field("force", bool, False) and not refs.contains(path, sha, old):
        raise ApiError(422, "Update is not a fast forward")
    _check_protection(call, full_name)
    _move(call, full_name, sha, old, "Reference cannot be updated")
    return _payload(call, full_name, sha)


def delete_ref(call: Call, ref: str) -> Response:
    call.require("write")
    full_name = f"refs/{ref}"
    old = required(refs.lookup(call.repository.path, full_name), ApiError(422, NO_SUCH_REF))
    if full_name == f"{pushes.HEADS}{call.repository.default_branch}":
        raise ApiError(422, "Cannot delete the default branch")
    _check_protection(call, full_name)
    _move(call, full_name, NULL_SHA, old, "Reference cannot be deleted")
    return Response(status=204)
