"""Generate the files for every row of a corpus whose family the golden path builds, and let other programs judge them."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.judging import judges
from bench.reading.corpus import NotACorpus, Row, rows
from onboarding import generate, stacks
from onboarding.generate import Placement
from onboarding.stacks import Component

PLACEMENT = Placement(
    owner="acme",
    repository="corpus",
    default_branch="main",
    team="storefront",
    namespace="storefront",
    registry_host="registry.example",
    cluster_url="https://cluster.example",
    cluster_ca=None,
    oidc_audience="onramp-cluster",
    address="https://{application}.{namespace}.apps.example/",
)
SHOWN = 15


def main() -> int:
    options = _options()
    try:
        corpus = [row for path in options.corpus for row in rows(path)]
    except (NotACorpus, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with tempfile.TemporaryDirectory() as place:
        folder = Path(options.keep or place)
        bad = _judged(corpus, folder, options.checkov)
    return 1 if bad else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/generated", description=__doc__)
    parser.add_argument("corpus", nargs="+", type=Path, help="files with one JSON object a line, as for bench/stacks")
    parser.add_argument("--keep", type=Path, help="a folder to write the generated files to, and to leave them in")
    parser.add_argument("--checkov", type=Path, help="the program of its own environment; bench/generated finds it")
    return parser.parse_args()


def _judged(corpus: list[Row], folder: Path, checkov: Path | None) -> int:
    made, refused = 0, Counter[str]()
    for number, row in enumerate(corpus):
        wanted = set(stacks.wanted(row.files))
        texts = {path: text for path, text in row.manifests.items() if path in wanted}
        reading = stacks.read(row.files, texts, row.root.rpartition("/")[2] or "app")
        kept = [one for one in reading.components if not generate.refusal(one)]
        refused.update(generate.refusal(one) for one in reading.components if one not in kept)
        if kept:
            made += 1
            _write(folder / f"{number:04}", kept)
    _say(f"{made} of {len(corpus)} rows have something that the golden path builds")
    for reason, count in refused.most_common(8):
        _say(f"  not built: {count} × {reason}")
    workflows, dockerfiles = sorted(folder.rglob("onramp.yml")), sorted(folder.rglob("Dockerfile"))
    manifests = sorted(path for path in folder.rglob("*.yaml") if "deploy" in path.parts)
    scripts = folder / "scripts"
    scripts.mkdir(parents=True, exist_ok=True)
    judged: list[tuple[str, int, Callable[[], list[str]]]] = [
        ("workflow schema", len(workflows), lambda: judges.schema(workflows)),
        ("zizmor, auditor persona", len(workflows), lambda: judges.zizmor(workflows)),
        ("shellcheck of run blocks", len(workflows), lambda: judges.shellcheck(workflows, scripts)),
        ("hadolint", len(dockerfiles), lambda: judges.hadolint(dockerfiles)),
        (
            f"kubernetes-validate {judges.KUBERNETES[0]} to {judges.KUBERNETES[-1]}",
            len(manifests),
            lambda: judges.kubernetes(manifests),
        ),
    ]
    if checkov:
        judged.append(("checkov", len(dockerfiles) + len(manifests), lambda: judges.checkov(checkov, folder)))
    bad = 0
    for name, count, judge in judged:
        began = time.perf_counter()
        found = judge()
        bad += len(found)
        _say(f"{name}: {count} files, {len(found)} findings, {time.perf_counter() - began:.0f} s")
        for line in found[:SHOWN]:
            _say(f"  {line.replace(str(folder), '')}")
    return bad


def _write(folder: Path, components: list[Component]) -> None:
    for file in generate.files(components, PLACEMENT):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
