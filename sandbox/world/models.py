"""The sandbox's own records: logged requests, fault rules and running processes."""

import random
from collections.abc import Collection
from fnmatch import fnmatchcase

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from sandbox.world.refusals import REFUSALS

_random = random.Random(1)  # noqa: S311 - nothing secret
"""Seeded, so that every start of the sandbox draws the same numbers."""


class Request(models.Model):
    """A request that arrived, or a webhook that was sent (its provider is `webhook` and its agent the source)."""

    at = models.DateTimeField(auto_now_add=True)
    provider = models.CharField(max_length=60, db_index=True)
    method = models.CharField(max_length=10)
    path = models.TextField()
    query = models.TextField(blank=True)
    status = models.IntegerField(null=True)  # null: no response was sent
    milliseconds = models.FloatField()
    agent = models.TextField(blank=True)
    request_id = models.CharField(max_length=200, blank=True)
    fault = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class Fault(models.Model):
    """A fault rule for the requests or webhooks that it matches."""

    class Kind(models.TextChoices):
        DELAY = "delay", "Delay the response"
        ERROR_BEFORE = "error-before", "Answer 5xx without processing the request"
        ERROR_AFTER = "error-after", "Process the request, then answer 5xx"
        RESET_BEFORE = "reset-before", "Reset the connection without processing the request"
        RESET_AFTER = "reset-after", "Process the request, then reset the connection"
        RATE_LIMIT = "rate-limit", "Answer with a rate limit"
        BLACK_HOLE = "black-hole", "Accept the request and never answer"
        HALF_BODY = "half-body", "Send half of the response"
        SLOW_DRIP = "slow-drip", "Process the request, then send the response byte by byte"
        INVALID_JSON = "invalid-json", "Answer with invalid JSON"
        REFUSAL = "refusal", "Refuse it in the tool's own words"
        WEBHOOK_DROPPED = "webhook-dropped", "Webhooks: drop"
        WEBHOOK_DOUBLED = "webhook-doubled", "Webhooks: send twice"
        WEBHOOK_DELAYED = "webhook-delayed", "Webhooks: delay, so that later ones arrive first"
        WEBHOOK_REORDERED = (
            "webhook-reordered",
            "Webhooks: send after the next one, for which the sandbox waits a while",
        )
        WEBHOOK_EARLY = "webhook-early", "Webhooks: send before answering the request that caused it"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    method = models.CharField(max_length=10, default="*")
    path = models.CharField(max_length=500, default="/")
    """A prefix, or a glob if it contains `*`. For webhooks it is the source, like `github` or `jira`."""
    seconds = models.FloatField(default=1.0)
    status = models.IntegerField(default=503)
    refusal = models.CharField(max_length=40, blank=True)  # a name of REFUSALS
    times = models.IntegerField(null=True, blank=True)  # null: no limit
    share = models.FloatField(default=1.0, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)])
    """The share of matches to which the rule applies, chosen at random."""
    hits = models.IntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints = (models.CheckConstraint(name="fault_times", condition=Q(times__isnull=True) | Q(times__gte=0)),)

    def __str__(self) -> str:
        return f"{self.kind} {self.method} {self.path}"

    @property
    def title(self) -> str:
        """What it does, and in whose words."""
        return REFUSALS[self.refusal].title if self.refusal else self.get_kind_display()

    def matches(self, method: str, path: str) -> bool:
        if not fnmatchcase(method.upper(), self.method.upper()):
            return False
        return fnmatchcase(path, self.path) if "*" in self.path else path.startswith(self.path)

    def is_drawn(self) -> bool:
        """Whether the random draw by `share` selects this match."""
        return self.share >= 1 or _random.random() < self.share

    def use(self) -> bool:
        """Use the rule once. Returns False if a concurrent request has taken its last use."""
        usable = Fault.objects.filter(Q(times__isnull=True) | Q(times__gt=0), id=self.id)
        return bool(usable.update(hits=F("hits") + 1, times=F("times") - 1))


DELIVERY_KINDS = (
    Fault.Kind.WEBHOOK_DROPPED,
    Fault.Kind.WEBHOOK_DOUBLED,
    Fault.Kind.WEBHOOK_DELAYED,
    Fault.Kind.WEBHOOK_REORDERED,
)
CAUSE_KINDS = (Fault.Kind.WEBHOOK_EARLY,)
REQUEST_KINDS = tuple(kind for kind in Fault.Kind if kind not in (*DELIVERY_KINDS, *CAUSE_KINDS))


class Process(models.Model):
    """The process group of a job or pod. `started` distinguishes it from a later group with the same number."""

    pid = models.IntegerField()
    started = models.CharField(max_length=40)
    owner = models.TextField()

    def __str__(self) -> str:
        return f"{self.pid} of {self.owner}"


def fault_for(method: str, path: str, kinds: Collection[str] = REQUEST_KINDS) -> Fault | None:
    """The first rule of these kinds that applies to this request (or to a webhook of the source `path`), or None.

    The call counts as a use of the rule.
    """
    rules = Fault.objects.filter(Q(times__isnull=True) | Q(times__gt=0), kind__in=kinds)
    return next((rule for rule in rules if rule.matches(method, path) and rule.is_drawn() and rule.use()), None)
