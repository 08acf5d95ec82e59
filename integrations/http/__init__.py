"""Every request to the outside world: bounded in time, guarded while planning, and recorded, for every provider alike.

One call is one request: no client retries or paces on its own, because the engine decides whether to try again. A
provider module uses `session` (or mounts `BoundedAdapter` on its library's session) and reads answers with `json_of`.
"""

from integrations.http.calls import Call
from integrations.http.exchanges import TIMEOUT, exchange
from integrations.http.gate import Gate, set_gate
from integrations.http.scopes import (
    SAFE_METHODS,
    EffectWhilePlanning,
    deadline,
    read_only,
    recording,
    side_effect_free,
)
from integrations.http.sessions import BoundedAdapter, json_of, session
from integrations.http.watchdog import POOL_CLASSES

__all__ = [
    "POOL_CLASSES",
    "SAFE_METHODS",
    "TIMEOUT",
    "BoundedAdapter",
    "Call",
    "EffectWhilePlanning",
    "Gate",
    "deadline",
    "exchange",
    "json_of",
    "read_only",
    "recording",
    "session",
    "set_gate",
    "side_effect_free",
]
