"""Which faults a round meets, and in which order: worked out from its seed alone."""

import random
from dataclasses import dataclass

GROUPS = 2
"""So many groups of workers; each may be killed or stopped by itself."""
STOPPED = 7.0
"""Seconds for which a group stands still: longer than two leases of `tests.chaos.worker`."""
OUTAGE = 2.0
"""Seconds until a broker that was killed is started again."""

_PROCESSES = ("kill workers", "stop workers", "flush broker", "kill broker", "crash database", "cut connections")
_ANSWERS = {
    "error-before": 0.0,
    "error-after": 0.0,
    "reset-before": 0.0,
    "reset-after": 0.0,
    "half-body": 0.0,
    "black-hole": 0.0,
    "slow-drip": 0.05,
    "rate-limit": 1.0,
}
"""Kind of the sandbox's misbehaviour → its seconds. It is the same for all routes."""
_CHANGES = {
    "hook": "POST /github/api/v3/repos/*/hooks",
    "commit": "POST /github/api/v3/repos/*/git/commits",
    "branch": "POST /github/api/v3/repos/*/git/refs",
    "pull request": "POST /github/api/v3/repos/*/pulls",
    "quota": "PATCH /kubernetes/api/v1/namespaces/*/resourcequotas/onramp",
    "policy": "PATCH /kubernetes/apis/networking.k8s.io/v1/namespaces/*/networkpolicies/*",
    "role": "PATCH /kubernetes/apis/rbac.authorization.k8s.io/*",
    "ticket": "POST /jira/rest/api/2/issue",
    "retention": "PUT /elasticsearch/_index_template/*",
    "message": "POST /slack/api/chat.postMessage",
}
"""Where Onramp alone changes something: the people's and the pipeline's own calls are not what is tried here."""
_READS = {
    "pull request seen": "GET /github/api/v3/repos/*/pulls/*",
    "build seen": "GET /github/api/v3/repos/*/actions/runs*",
    "ticket seen": "GET /jira/rest/api/2/*",
    "sample seen": "GET /prometheus/api/v1/*",
}
_READ_WRONGLY = ("error-before", "reset-before", "half-body", "rate-limit")
"""A read has no fence, and so the time-out of an ordinary exchange: what never answers would only take time here."""
_WEBHOOKS = ("webhook-dropped", "webhook-doubled", "webhook-reordered", "webhook-early")
_SOURCES = ("github", "github", "github", "jira")


@dataclass(frozen=True)
class Fault:
    """`pause` seconds after the one before it. `where` is a route or a webhook's source; `times` is how often it strikes."""

    pause: float
    kind: str
    where: str = ""
    group: int = 0
    times: int = 1
    seconds: float = 0.0
    status: int = 503

    def __str__(self) -> str:
        about = f"{self.where} ×{self.times}" if self.where else ""
        if self.kind in ("kill workers", "stop workers"):
            about = f"of group {self.group}"
        return f"+{self.pause:.1f} s {self.kind} {about}".rstrip()


def of(seed: int, length: int) -> list[Fault]:
    """As many faults as that; the same for the same seed, and a shorter one is the beginning of a longer one."""
    chance = random.Random(seed)
    found: list[Fault] = []
    while len(found) < length:
        found += _hand(chance)
    return found[:length]


def _hand(chance: random.Random) -> list[Fault]:
    """Every kind at least once, in any order."""
    answers = [_answer(chance, kind, _CHANGES) for kind in _ANSWERS]
    reads = [_answer(chance, kind, _READS) for kind in _READ_WRONGLY]
    webhooks = [_webhook(chance, kind) for kind in _WEBHOOKS]
    processes = [Fault(_pause(chance), kind, group=chance.randrange(GROUPS)) for kind in _PROCESSES]
    hand = [*answers, *reads, *webhooks, *processes]
    chance.shuffle(hand)
    return hand


def _pause(chance: random.Random) -> float:
    return round(chance.uniform(0.2, 3.0), 1)


def _answer(chance: random.Random, kind: str, routes: dict[str, str]) -> Fault:
    where = routes[chance.choice(list(routes))]
    status = chance.choice([500, 502, 503, 504])
    return Fault(_pause(chance), kind, where, times=chance.randint(1, 4), seconds=_ANSWERS[kind], status=status)


def _webhook(chance: random.Random, kind: str) -> Fault:
    return Fault(_pause(chance), kind, chance.choice(_SOURCES), times=chance.randint(3, 12), seconds=1.0)
