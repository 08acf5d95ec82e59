"""Generate the files for every row of a corpus that the golden path builds, and check them with other programs."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import generate
import stacks
from bench.judging import judges
from bench.reading.corpus import NotACorpus, Row, rows
from generate import Placement
from stacks import Component

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
    with tempfile.TemporaryDirectory() as temporary:
        findings = _check(corpus, Path(options.keep or temporary), options.checkov)
    return 1 if findings else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/generated", description=__doc__)
    parser.add_argument("corpus", nargs="+", type=Path, help="files with one JSON object per line, as for bench/stacks")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="write the generated files to this folder and keep them"
    )
    parser.add_argument("--checkov", type=Path, metavar="PROGRAM", help="path of checkov; bench/generated sets it")
    return parser.parse_args()


def _check(corpus: list[Row], folder: Path, checkov: Path | None) -> int:
    """Generate into the folder, check everything there, and return the number of findings."""
    _generate(corpus, folder)
    count = 0
    for name, files, check in _checks(folder, checkov):
        began = time.perf_counter()
        findings = check()
        count += len(findings)
        _say(f"{name}: {files} files, {len(findings)} findings, {time.perf_counter() - began:.0f} s")
        for line in findings[:SHOWN]:
            _say(f"  {line.replace(str(folder), '')}")
    return count


def _generate(corpus: list[Row], folder: Path) -> None:
    generated, refused = 0, Counter[str]()
    for number, row in enumerate(corpus):
        wanted = set(stacks.wanted(row.files))
        texts = {path: text for path, text in row.manifests.items() if path in wanted}
        reading = stacks.read(row.files, texts, row.root.rpartition("/")[2] or "app")
        refusals = [(component, generate.refusal(component)) for component in reading.components]
        accepted = [component for component, refusal in refusals if not refusal]
        refused.update(refusal for _, refusal in refusals if refusal)
        if accepted:
            generated += 1
            _write(folder / f"{number:04}", accepted)
    _say(f"{generated} of {len(corpus)} rows have something that the golden path builds")
    for reason, count in refused.most_common(8):
        _say(f"  not built: {count} × {reason}")


def _checks(folder: Path, checkov: Path | None) -> Iterator[tuple[str, int, Callable[[], list[str]]]]:
    """(name, number of files, the check) of each program."""
    workflows, dockerfiles = sorted(folder.rglob("onramp.yml")), sorted(folder.rglob("Dockerfile"))
    manifests = sorted(path for path in folder.rglob("*.yaml") if "deploy" in path.parts)
    scripts = folder / "scripts"
    scripts.mkdir(parents=True, exist_ok=True)
    versions = f"{judges.KUBERNETES[0]} to {judges.KUBERNETES[-1]}"
    yield "workflow schema", len(workflows), lambda: judges.schema(workflows)
    yield "zizmor, auditor persona", len(workflows), lambda: judges.zizmor(workflows)
    yield "shellcheck of run blocks", len(workflows), lambda: judges.shellcheck(workflows, scripts)
    yield "hadolint", len(dockerfiles), lambda: judges.hadolint(dockerfiles)
    yield f"kubernetes-validate {versions}", len(manifests), lambda: judges.kubernetes(manifests)
    if checkov:
        yield "checkov", len(dockerfiles) + len(manifests), lambda: judges.checkov(checkov, folder)


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
