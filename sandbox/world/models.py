"""What the sandbox remembers about itself: the requests it saw and how it was told to misbehave."""

import random
from collections.abc import Collection
from fnmatch import fnmatchcase

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

_dice = random.Random(1)  # noqa: S311 - nothing secret
"""A sandbox that is started anew throws the same."""


class Request(models.Model):
    """One request that arrived, or one webhook that left (its provider is then `webhook`, its agent the source)."""

    at = models.DateTimeField(auto_now_add=True)
    provider = models.CharField(max_length=60, db_index=True)
    method = models.CharField(max_length=10)
    path = models.TextField()
    query = models.TextField(blank=True)
    status = models.IntegerField(null=True)  # null: no answer was given
    milliseconds = models.FloatField()
    agent = models.TextField(blank=True)
    request_id = models.CharField(max_length=200, blank=True)
    fault = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class Fault(models.Model):
    """A rule of misbehaviour for the requests, or the webhooks, that it matches."""

    class Kind(models.TextChoices):
        DELAY = "delay", "wait, then answer as usual"
        ERROR_BEFORE = "error-before", "answer 5xx, do nothing"
        ERROR_AFTER = "error-after", "do it, then answer 5xx"
        RESET_BEFORE = "reset-before", "cut the connection, do nothing"
        RESET_AFTER = "reset-after", "do it, then cut the connection"
        RATE_LIMIT = "rate-limit", "refuse for a while"
        BLACK_HOLE = "black-hole", "take the request, never answer"
        HALF_BODY = "half-body", "send half of the answer"
        SLOW_DRIP = "slow-drip", "do it, then send a byte of the answer at a time"
        INVALID_JSON = "invalid-json", "answer what is no JSON"
        WEBHOOK_DROPPED = "webhook-dropped", "webhooks: never sent"
        WEBHOOK_DOUBLED = "webhook-doubled", "webhooks: sent twice"
        WEBHOOK_DELAYED = "webhook-delayed", "webhooks: sent later, and so overtaken by the next ones"
        WEBHOOK_REORDERED = "webhook-reordered", "webhooks: sent after the next one, which is awaited for a while"
        WEBHOOK_EARLY = "webhook-early", "webhooks: sent before the call that caused it is answered"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    method = models.CharField(max_length=10, default="*")
    path = models.CharField(max_length=500, default="/")
    """A prefix, or a glob where it holds `*`; for webhooks the source, like `github` or `jira`."""
    seconds = models.FloatField(default=1.0)
    status = models.IntegerField(default=503)
    times = models.IntegerField(null=True, blank=True)  # null: until it is removed
    share = models.FloatField(default=1.0, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)])
    """Of what matches, chosen by chance."""
    hits = models.IntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints = (models.CheckConstraint(name="fault_times", condition=Q(times__isnull=True) | Q(times__gte=0)),)

    def __str__(self) -> str:
        return f"{self.kind} {self.method} {self.path}"

    def matches(self, method: str, path: str) -> bool:
        if not fnmatchcase(method.upper(), self.method.upper()):
            return False
        return fnmatchcase(path, self.path) if "*" in self.path else path.startswith(self.path)

    def falls(self) -> bool:
        """Whether chance chooses what matched."""
        return self.share >= 1 or _dice.random() < self.share

    def take(self) -> bool:
        """Use the rule once; False when its last use was taken by somebody else in the meantime."""
        mine = Fault.objects.filter(Q(times__isnull=True) | Q(times__gt=0), id=self.id)
        return bool(mine.update(hits=F("hits") + 1, times=F("times") - 1))


WHEN_SENT = (
    Fault.Kind.WEBHOOK_DROPPED,
    Fault.Kind.WEBHOOK_DOUBLED,
    Fault.Kind.WEBHOOK_DELAYED,
    Fault.Kind.WEBHOOK_REORDERED,
)
WHEN_CAUSED = (Fault.Kind.WEBHOOK_EARLY,)
WHEN_ASKED = tuple(kind for kind in Fault.Kind if kind not in (*WHEN_SENT, *WHEN_CAUSED))


class Process(models.Model):
    """A process group that runs for a job or a pod; `started` tells it apart from a later one with the same number."""

    pid = models.IntegerField()
    started = models.CharField(max_length=40)
    owner = models.TextField()

    def __str__(self) -> str:
        return f"{self.pid} of {self.owner}"


def fault_for(method: str, path: str, kinds: Collection[str] = WHEN_ASKED) -> Fault | None:
    """The first rule of these kinds that applies to this request (or to a webhook of the source `path`), used once by
    asking; None as a rule."""
    rules = Fault.objects.filter(Q(times__isnull=True) | Q(times__gt=0), kind__in=kinds)
    return next((rule for rule in rules if rule.matches(method, path) and rule.falls() and rule.take()), None)
