"""The kinds of runs, effects and messages: what the engine stores as plain text, by name."""

from enum import StrEnum


class RunKind(StrEnum):
    """What a run is for."""

    ONBOARDING = "onboarding"
    UNDO = "undo"
    BLOCKER = "blocker"
    MESSAGE = "message"
    WATCH = "watch"


class EffectKind(StrEnum):
    """Everything that a step may change outside. Each is either undone by an undoer (`steps.undoing`) or listed there with
    the reason why it leaves nothing to undo; `manage.py check` refuses a kind that is neither."""

    WEBHOOK = "webhook"
    COMMIT = "commit"
    BRANCH = "branch"
    PULL_REQUEST = "pull request"
    PULL_REQUEST_UPDATE = "update of a pull request"
    PULL_REQUEST_CLOSING = "closing of a pull request"
    BUILD_RERUN = "re-run of a build"
    RESTORATION = "restored object"
    NAMESPACE = "Namespace"
    RESOURCE_QUOTA = "ResourceQuota"
    LIMIT_RANGE = "LimitRange"
    NETWORK_POLICY = "NetworkPolicy"
    SERVICE_ACCOUNT = "ServiceAccount"
    ROLE_BINDING = "RoleBinding"
    SECRET = "Secret"  # noqa: S105 - a kind of object
    LOG_RETENTION = "log retention"
    TICKET = "ticket"
    TICKET_COMMENT = "comment"
    TICKET_CLOSING = "closing of a ticket"
    TICKET_DUPLICATE = "closing of a duplicate"
    CHAT = "chat"
    MAIL = "mail"
    UNDO = "undo"
