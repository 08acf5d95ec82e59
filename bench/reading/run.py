"""Score a corpus of repositories, and time the reading of large ones."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.reading.corpus import NotACorpus, rows
from bench.reading.score import Verdict, judge
from onboarding import stacks


def main() -> int:
    options = _options()
    if options.speed:
        _speed()
    if options.corpus is None:
        return 0
    try:
        began = time.perf_counter()
        verdicts = [judge(row) for row in rows(options.corpus)]
        seconds = time.perf_counter() - began
    except (NotACorpus, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.json:
        for one in verdicts:
            _say(json.dumps(_as_json(one)))
        return 0
    _report(verdicts, seconds, options.misses)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/stacks", description=__doc__)
    parser.add_argument(
        "corpus",
        nargs="?",
        type=Path,
        help="a file with one JSON object a line: files, manifests, expected (family, and where known start_command, tags, components)",
    )
    parser.add_argument("--json", action="store_true", help="print what was read of each row, one JSON object a line")
    parser.add_argument("--no-misses", dest="misses", action="store_false", help="print the figures alone")
    parser.add_argument(
        "--speed",
        action="store_true",
        help="time a repository of 2,000 files and a listing of 100,000, beside a bare walk over them",
    )
    options = parser.parse_args()
    if options.corpus is None and not options.speed:
        parser.error("name a corpus, or --speed")
    return options


def _report(verdicts: list[Verdict], seconds: float, misses: bool) -> None:
    if misses:
        for one in verdicts:
            for line in _misses(one):
                _say(line)
    families = Counter(one.family for one in verdicts if one.family)
    labelled = sum(families.values())
    _say(f"\n{len(verdicts)} rows read in {seconds:.2f} s, {seconds / max(len(verdicts), 1) * 1000:.1f} ms each")
    _say(
        f"families: {_share(families['right'], labelled)} right, {families['wrong']} wrong, {families['unknown']} unknown; {len(verdicts) - labelled} rows without a label"
    )
    starts = [one.start for one in verdicts if one.start is not None]
    _say(f"start commands: {_share(sum(starts), len(starts))} equivalent")
    tags = [one.tags for one in verdicts if one.tags is not None]
    _say(f"tags: {_share(sum(tags), len(tags))} rows with all of them")
    found = [one for one in verdicts if one.row.expected.components is not None]
    expected = sum(len(one.row.expected.components or []) for one in found)
    ours = sum(len(one.reading.components) for one in found)
    hits = expected - sum(len(one.missed) for one in found)
    if found:
        _say(
            f"components in {len(found)} rows that name them: recall {_share(hits, expected)}, precision {_share(hits, ours)}"
        )
    _say(f"components found in all rows: {sum(len(one.reading.components) for one in verdicts)}")


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none of none"


def _misses(one: Verdict) -> list[str]:
    found = []
    primary = one.primary
    if one.family in ("wrong", "unknown"):
        found.append(
            f"family {one.family}: {one.row.name} is {one.row.expected.family}, read as {one.reading.family or 'nothing'}"
        )
    if one.start is False:
        said = " ".join(primary.start) if primary else ""
        role = f", a {primary.role}" if primary else ""
        found.append(
            f"start differs: {one.row.name} is started by “{one.row.expected.start_command}”, read “{said}”{role}"
        )
    if one.tags is False and one.family == "right" and primary:
        found.append(
            f"tags differ: {one.row.name} has {one.row.expected.tags}, read {primary.family}, {primary.framework}, {primary.language}, {primary.package_manager}, {primary.needs}"
        )
    if one.missed or one.invented:
        found.append(f"components differ: {one.row.name} missed {sorted(one.missed)}, invented {sorted(one.invented)}")
    return found


def _as_json(one: Verdict) -> dict[str, object]:
    return {
        "root": one.row.root,
        "repository": one.row.repository,
        "family": one.reading.family,
        "components": [
            {
                "root": each.root,
                "family": each.family,
                "role": each.role,
                "start": list(each.start),
                "framework": each.framework,
            }
            for each in one.reading.components
        ],
        "others": [{"root": each.root, "family": each.family, "why": each.left} for each in one.reading.others],
        "verdict": {"family": one.family, "start": one.start, "tags": one.tags},
    }


def _speed() -> None:
    """Each against a bare walk over the same paths, so that the figure means something on another machine."""
    source = "import os\nPORT = int(os.environ.get('PORT', '8000'))\nif __name__ == '__main__': ...\n"
    small = {
        f"services/s{number % 40}/{name}": text
        for number in range(40)
        for name, text in (("requirements.txt", "flask\n"), ("app.py", source))
    }
    small |= {f"services/s{number % 40}/package{number % 7}/module{number}.py": "" for number in range(1_920)}
    large = [f"d{number % 700}/e{number % 90}/f{number}.py" for number in range(100_000)]
    for name, paths, texts in (("2,000 files", sorted(small), small), ("a listing of 100,000 files", large, {})):
        walked = min(_timed(partial(_walk, paths)) for _ in range(5))
        took = min(_timed(partial(_read, paths, texts)) for _ in range(5))
        _say(
            f"{name}: chosen, read and judged in {took * 1000:.0f} ms, {took / walked:.0f} times a walk over the paths"
        )


def _walk(paths: list[str]) -> None:
    for one in paths:
        one.rpartition("/")


def _read(paths: list[str], texts: dict[str, str]) -> None:
    wanted = stacks.wanted(paths)
    stacks.read(paths, {path: texts[path] for path in wanted if path in texts}, "speed")


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
