"""Which faults a round meets, and in which order. Only its seed decides."""

import random
from dataclasses import dataclass

GROUPS = 2
"""Groups of workers; each can be killed or stopped separately."""
STOPPED = 7.0
"""Seconds for which a group is stopped: longer than two leases of `tests.chaos.worker`."""
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
"""Kind of the sandbox's misbehaviour → its seconds, for all routes."""
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
"""Changes that only Onramp makes: the calls of people and of pipelines are not under test here."""
_READS = {
    "pull request read": "GET /github/api/v3/repos/*/pulls/*",
    "build read": "GET /github/api/v3/repos/*/actions/runs*",
    "ticket read": "GET /jira/rest/api/2/*",
    "metric read": "GET /prometheus/api/v1/*",
}
_READ_FAULTS = ("error-before", "reset-before", "half-body", "rate-limit")
"""Only quick ones: a read has no fence, and so the long time-out of an ordinary exchange."""
_WEBHOOKS = ("webhook-dropped", "webhook-doubled", "webhook-reordered", "webhook-early")
_SOURCES = ("github", "github", "github", "jira")


@dataclass(frozen=True)
class Fault:
    """Strikes `pause` seconds after the one before it. `where` is a route or the source of webhooks; `times` is how
    many requests it strikes."""

    pause: float
    kind: str
    where: str = ""
    group: int = 0
    times: int = 1
    seconds: float = 0.0
    status: int = 503

    def __str__(self) -> str:
        target = f"{self.where} ×{self.times}" if self.where else ""
        if self.kind in ("kill workers", "stop workers"):
            target = f"of group {self.group}"
        return f"+{self.pause:.1f} s {self.kind} {target}".rstrip()


def generate(seed: int, length: int) -> list[Fault]:
    """`length` faults. The same seed gives the same faults, and a shorter sequence is the beginning of a longer one."""
    generator = random.Random(seed)
    faults: list[Fault] = []
    while len(faults) < length:
        faults += _every_kind(generator)
    return faults[:length]


def _every_kind(generator: random.Random) -> list[Fault]:
    """Every kind of fault at least once, in random order."""
    answers = [_answer(generator, kind, _CHANGES) for kind in _ANSWERS]
    reads = [_answer(generator, kind, _READS) for kind in _READ_FAULTS]
    webhooks = [_webhook(generator, kind) for kind in _WEBHOOKS]
    processes = [Fault(_pause(generator), kind, group=generator.randrange(GROUPS)) for kind in _PROCESSES]
    faults = [*answers, *reads, *webhooks, *processes]
    generator.shuffle(faults)
    return faults


def _pause(generator: random.Random) -> float:
    return round(generator.uniform(0.2, 3.0), 1)


def _answer(generator: random.Random, kind: str, routes: dict[str, str]) -> Fault:
    where = routes[generator.choice(list(routes))]
    status = generator.choice([500, 502, 503, 504])
    return Fault(_pause(generator), kind, where, times=generator.randint(1, 4), seconds=_ANSWERS[kind], status=status)


def _webhook(generator: random.Random, kind: str) -> Fault:
    return Fault(_pause(generator), kind, generator.choice(_SOURCES), times=generator.randint(3, 12), seconds=1.0)
