"""Verdicts as text and as JSON."""

from collections import Counter
from collections.abc import Iterator

from bench.reading.score import Verdict


def figures(verdicts: list[Verdict], seconds: float) -> Iterator[str]:
    """The totals. `seconds` is the time that reading all rows took."""
    families = Counter(verdict.family for verdict in verdicts if verdict.family)
    labelled = sum(families.values())
    yield f"{len(verdicts)} rows read in {seconds:.2f} s, {seconds / max(len(verdicts), 1) * 1000:.1f} ms each"
    yield (
        f"families: {_share(families['right'], labelled)} right, {families['wrong']} wrong, {families['unknown']} unknown; "
        f"{len(verdicts) - labelled} rows without a label"
    )
    starts = [verdict.start for verdict in verdicts if verdict.start is not None]
    yield f"start commands: {_share(sum(starts), len(starts))} equivalent"
    tags = [verdict.tags for verdict in verdicts if verdict.tags is not None]
    yield f"tags: {_share(sum(tags), len(tags))} rows with all of them"
    yield from _components([verdict for verdict in verdicts if verdict.row.expected.components is not None])
    yield f"components found in all rows: {sum(len(verdict.reading.components) for verdict in verdicts)}"


def _components(verdicts: list[Verdict]) -> Iterator[str]:
    """Of the rows whose components are labelled."""
    if not verdicts:
        return
    expected = sum(len(verdict.row.expected.components or []) for verdict in verdicts)
    read = sum(len(verdict.reading.components) for verdict in verdicts)
    hits = expected - sum(len(verdict.missed) for verdict in verdicts)
    recall, precision = _share(hits, expected), _share(hits, read)
    yield f"components in {len(verdicts)} rows that name them: recall {recall}, precision {precision}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none of none"


def misses(verdicts: list[Verdict]) -> Iterator[str]:
    """One line for each difference between a reading and its label."""
    for verdict in verdicts:
        yield from _misses(verdict)


def _misses(verdict: Verdict) -> Iterator[str]:
    row, primary = verdict.row, verdict.primary
    if verdict.family in ("wrong", "unknown"):
        read = verdict.reading.family or "nothing"
        yield f"family {verdict.family}: {row.name} is {row.expected.family}, read as {read}"
    if verdict.start is False:
        start = " ".join(primary.start) if primary else ""
        role = f", a {primary.role}" if primary else ""
        yield f"start differs: {row.name} is started by “{row.expected.start_command}”, read “{start}”{role}"
    if verdict.tags is False and verdict.family == "right" and primary:
        read = f"{primary.family}, {primary.framework}, {primary.language}, {primary.package_manager}, {primary.needs}"
        yield f"tags differ: {row.name} has {row.expected.tags}, read {read}"
    if verdict.missed or verdict.invented:
        yield f"components differ: {row.name} missed {sorted(verdict.missed)}, invented {sorted(verdict.invented)}"


def as_json(verdict: Verdict) -> dict[str, object]:
    return {
        "root": verdict.row.root,
        "repository": verdict.row.repository,
        "family": verdict.reading.family,
        "components": [
            {
                "root": component.root,
                "family": component.family,
                "role": component.role,
                "start": list(component.start),
                "framework": component.framework,
            }
            for component in verdict.reading.components
        ],
        "others": [
            {"root": component.root, "family": component.family, "why": component.left}
            for component in verdict.reading.others
        ],
        "verdict": {"family": verdict.family, "start": verdict.start, "tags": verdict.tags},
    }
