"""Every request to the outside world: bounded in time and size, guarded while planning, and recorded, for every provider.

One call is one request: no client retries or paces on its own, because the engine decides whether to try again. A
provider module uses `session` (or `bounded` on its library's session) and reads answers with `json_of`. An answer is a
`PAGE` of JSON unless the call is made within `expecting(…)`.
"""

from integrations.http.bodies import receive
from integrations.http.calls import Call
from integrations.http.exchanges import TIMEOUT, exchange
from integrations.http.gate import Gate, Waiter, set_gate, turn
from integrations.http.kinds import FILE, LOG, PAGE, STATUS, TREE, Kind, expecting
from integrations.http.peers import reaching
from integrations.http.scopes import (
    SAFE_METHODS,
    EffectWhilePlanning,
    deadline,
    read_only,
    recording,
    side_effect_free,
)
from integrations.http.sessions import BoundedAdapter, bounded, json_of, session
from integrations.http.watchdog import POOL_CLASSES, follow

__all__ = [
    "FILE",
    "LOG",
    "PAGE",
    "POOL_CLASSES",
    "SAFE_METHODS",
    "STATUS",
    "TIMEOUT",
    "TREE",
    "BoundedAdapter",
    "Call",
    "EffectWhilePlanning",
    "Gate",
    "Kind",
    "Waiter",
    "bounded",
    "deadline",
    "exchange",
    "expecting",
    "follow",
    "json_of",
    "reaching",
    "read_only",
    "receive",
    "recording",
    "session",
    "set_gate",
    "side_effect_free",
    "turn",
]
