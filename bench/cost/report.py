"""The ledger as text."""

import os
from collections.abc import Mapping

from bench.cost.ledger import Ledger, Part, by_route, repeated_reads, route
from integrations.http import Call

GOAL_OWN = 0.5
GOAL_CALLS = 15
Calls = list[tuple[str, Call]]


def text(ledger: Ledger, repository: str, inserts: float) -> str:
    """The whole report. `inserts` is the time that as many plain inserts took in the same run, in seconds."""
    statements = sum(len(part.statements) for part in ledger.parts)
    own_time = sum(part.own_time for part in ledger.parts)
    outside = sum(call.seconds for _, call in ledger.calls())
    lines = [
        f"One onboarding of {repository}",
        f"  own time            {own_time:7.3f} s   (goal < {GOAL_OWN} s: {_verdict(own_time < GOAL_OWN)})",
        f"    CPU               {sum(part.busy for part in ledger.parts):7.3f} s",
        f"    database          {sum(part.database for part in ledger.parts):7.3f} s",
        f"  waiting for a CPU   {sum(part.queued for part in ledger.parts):7.3f} s   (the sandbox has "
        f"{_sandbox_core()}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)",
        f"  exchanges           {outside:7.3f} s",
        f"  statements          {statements:7d}     {statements} plain inserts take {inserts:.3f} s here: "
        f"own time is {own_time / inserts:.1f} times that",
        "",
        *_parts(ledger),
        "",
        *_github(ledger),
        "",
        *_routes("Calls of executions that finished or failed", ledger.calls(waited=False)),
        "",
        *_routes("Calls of executions that ended in a wait", ledger.calls(waited=True)),
        "",
        *_repeated(ledger),
    ]
    return "\n".join(lines) + "\n"


def statements(ledger: Ledger) -> str:
    """Every statement of every part, in order."""
    return "\n".join("\n".join([f"── {part.name}", *part.statements, ""]) for part in ledger.parts)


def _sandbox_core() -> str:
    return "its own core" if (os.cpu_count() or 1) > 1 else "the same core"


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def _parts(ledger: Ledger) -> list[str]:
    names = dict.fromkeys(part.name for part in ledger.parts)
    lines = [f"  {'':20}{'times':>6}{'own_time s':>9}{'database':>9}{'statements':>12}{'calls':>7}"]
    return lines + [_row(name, [part for part in ledger.parts if part.name == name]) for name in names]


def _row(name: str, parts: list[Part]) -> str:
    own_time, database = sum(part.own_time for part in parts), sum(part.database for part in parts)
    statements, calls = sum(len(part.statements) for part in parts), sum(len(part.calls) for part in parts)
    return f"  {name:20}{len(parts):6}{own_time:9.3f}{database:9.3f}{statements:12}{calls:7}"


def _github(ledger: Ledger) -> list[str]:
    """The calls that the goal counts, and those that it does not."""
    before = [(part, call) for part, call in ledger.calls(before_merge=True) if call.provider == "github"]
    waited = {id(call) for _, call in ledger.calls(waited=True)}
    manifests = [call for _, call in before if "/git/blobs/" in call.url]
    heads = [call for part, call in before if part == "start" and "/branches/" in call.url]
    unchanged = [call for _, call in before if call.status == 304]
    excluded = {id(call) for call in manifests + heads + unchanged} | waited
    counted = [(part, call) for part, call in before if id(call) not in excluded]
    lines = [
        f"GitHub before the merge: {len(counted)} calls (goal ≤ {GOAL_CALLS}: {_verdict(len(counted) <= GOAL_CALLS)})",
        f"  not counted: {len(manifests)} manifests read, {len(heads)} re-checks of the head, {len(unchanged)} unchanged "
        f"(304), {sum(id(call) in waited for _, call in before)} calls of executions that ended in a wait",
    ]
    return lines + [f"  {part:14}{route(call)}" for part, call in counted]


def _routes(title: str, calls: Calls) -> list[str]:
    lines = [f"{title}: {len(calls)}"]
    for provider, routes in sorted(by_route(calls).items()):
        lines.append(f"  {provider}: {routes.total()}")
        lines += [f"    {count:3} {name}" for name, count in routes.most_common()]
    return lines


def _repeated(ledger: Ledger) -> list[str]:
    """Nothing can have changed within one part, so a repeated read there is waste; a later part has reason to read again."""
    reads = repeated_reads(ledger.calls(waited=False))
    within = {request: parts for request, parts in reads.items() if len(set(parts)) < len(parts)}
    across = {request: parts for request, parts in reads.items() if request not in within}
    lines = ["Read more than once by the same part:", *(_requests(within) or ["  nothing"])]
    return [*lines, "Read again by a later part:", *(_requests(across) or ["  nothing"])]


def _requests(reads: Mapping[str, list[str]]) -> list[str]:
    return [f"  {request}\n      by {', '.join(parts)}" for request, parts in sorted(reads.items())]
