"""The ledger in words."""

import os
from collections.abc import Mapping

from bench.ledger import Ledger, Piece, asked_twice, by_route, route
from integrations.http import Call

GOAL_OWN = 0.5
GOAL_CALLS = 15
Calls = list[tuple[str, Call]]


def of(ledger: Ledger, repository: str, inserts: float) -> str:
    """The whole report. `inserts` is how long as many plain inserts took in the same run, in seconds."""
    statements = sum(piece.statements for piece in ledger.pieces)
    own = sum(piece.own for piece in ledger.pieces)
    outside = sum(call.seconds for _, call in ledger.calls())
    lines = [
        f"One onboarding of {repository}",
        f"  own time            {own:7.3f} s   (goal < {GOAL_OWN} s: {_verdict(own < GOAL_OWN)})",
        f"    on the processor  {sum(piece.busy for piece in ledger.pieces):7.3f} s",
        f"    in the database   {sum(piece.database for piece in ledger.pieces):7.3f} s",
        f"  waiting for a processor {sum(piece.queued for piece in ledger.pieces):.3f} s   (the sandbox has "
        f"{_whose()}: load {os.getloadavg()[0]:.1f} on {os.cpu_count()})",
        f"  inside exchanges    {outside:7.3f} s",
        f"  statements          {statements:7d}     {statements} plain inserts take {inserts:.3f} s here: "
        f"own time is {own / inserts:.1f} times that",
        "",
        *_pieces(ledger),
        "",
        *_github(ledger),
        "",
        *_routes("Calls, without those of a wait", ledger.calls(waited=False)),
        "",
        *_routes("Calls of turns that ended in a wait", ledger.calls(waited=True)),
        "",
        *_twice(ledger),
    ]
    return "\n".join(lines) + "\n"


def statements(ledger: Ledger) -> str:
    """Every statement of every piece, in order."""
    return "\n".join("\n".join([f"── {piece.name}", *piece.said, ""]) for piece in ledger.pieces)


def _whose() -> str:
    return "one of its own" if (os.cpu_count() or 1) > 1 else "the same one"


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def _pieces(ledger: Ledger) -> list[str]:
    names = dict.fromkeys(piece.name for piece in ledger.pieces)
    lines = [f"  {'':20}{'times':>6}{'own s':>9}{'database':>9}{'statements':>12}{'calls':>7}"]
    return lines + [_piece(name, [one for one in ledger.pieces if one.name == name]) for name in names]


def _piece(name: str, pieces: list[Piece]) -> str:
    own, statements = sum(one.own for one in pieces), sum(one.statements for one in pieces)
    waited = sum(one.database for one in pieces)
    return f"  {name:20}{len(pieces):6}{own:9.3f}{waited:9.3f}{statements:12}{sum(len(one.calls) for one in pieces):7}"


def _github(ledger: Ledger) -> list[str]:
    """What the goal counts, and what it counts apart."""
    before = [(piece, call) for piece, call in ledger.calls(before_merge=True) if call.provider == "github"]
    waited = {id(call) for _, call in ledger.calls(waited=True)}
    manifests = [one for one in before if "/git/blobs/" in one[1].url]
    heads = [one for one in before if one[0] == "start" and "/branches/" in one[1].url]
    unchanged = [one for one in before if one[1].status == 304]
    apart = {id(call) for _, call in manifests + heads + unchanged} | waited
    counted = [one for one in before if id(one[1]) not in apart]
    lines = [
        f"GitHub before the merge: {len(counted)} calls (goal ≤ {GOAL_CALLS}: {_verdict(len(counted) <= GOAL_CALLS)})",
        f"  apart: {len(manifests)} manifests read, {len(heads)} re-checks of the head, {len(unchanged)} unchanged (304), "
        f"{sum(id(call) in waited for _, call in before)} calls of turns that ended in a wait",
    ]
    return lines + [f"  {piece:14}{route(call)}" for piece, call in counted]


def _routes(title: str, calls: Calls) -> list[str]:
    lines = [f"{title}: {len(calls)}"]
    for provider, routes in sorted(by_route(calls).items()):
        lines.append(f"  {provider}: {routes.total()}")
        lines += [f"    {count:3} {name}" for name, count in routes.most_common()]
    return lines


def _twice(ledger: Ledger) -> list[str]:
    """Within one piece nothing can have changed; a later one looks again at what may have."""
    found = asked_twice(ledger.calls(waited=False))
    repeated = {question: pieces for question, pieces in found.items() if len(set(pieces)) < len(pieces)}
    again = {question: pieces for question, pieces in found.items() if question not in repeated}
    lines = ["Asked more than once by one piece of the run:", *(_questions(repeated) or ["  nothing"])]
    return [*lines, "Looked at again by a later piece:", *(_questions(again) or ["  nothing"])]


def _questions(found: Mapping[str, list[str]]) -> list[str]:
    return [f"  {question}\n      by {', '.join(pieces)}" for question, pieces in sorted(found.items())]
