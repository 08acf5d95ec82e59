"""The evaluation of PromQL over samples, in a process with the sandbox's own settings."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.process import ROOT

SCRIPT = """
import json, sys, django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
from sandbox.observability.promql import evaluate
from sandbox.observability.ingestion import record_sample
for second in range(0, 61, 10):
    record_sample("hits_total", {"namespace": "a", "pod": "x-1-1", "path": "/"}, second * 2, 1000.0 + second)
    record_sample("hits_total", {"namespace": "a", "pod": "x-1-2", "path": "/"}, second, 1000.0 + second)
    record_sample("container_cpu", {"namespace": "a", "pod": "x-1-1"}, 0.5, 1000.0 + second)
record_sample("old_total", {"namespace": "a"}, 100, 700.0)
results = {}
for query in json.load(sys.stdin):
    result = evaluate(query, 1060.0)
    results[query] = result if isinstance(result, float) else sorted([sorted(p.labels.items()), p.value] for p in result)
print(json.dumps(results))
"""
CASES: dict[str, Any] = {
    "sum(hits_total)": [[[], 180.0]],
    'count by (__name__) ({namespace="a",__name__!~"container_.+"})': [
        [[["__name__", "hits_total"]], 2.0],
    ],
    'sum by (pod) (hits_total{pod=~"x-.*"})': [[[["pod", "x-1-1"]], 120.0], [[["pod", "x-1-2"]], 60.0]],
    'hits_total{pod="x-1-1"}': [
        [[["__name__", "hits_total"], ["namespace", "a"], ["path", "/"], ["pod", "x-1-1"]], 120.0]
    ],
    'hits_total{pod=~"x"}': [],
    "old_total": [],
    "12.5": 12.5,
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The results of all cases, evaluated in one process."""
    data: Path = tmp_path_factory.mktemp("promql")
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "sandbox.settings", "SANDBOX_DATA": str(data)}
    command = [sys.executable, "-c", SCRIPT]
    process = subprocess.run(
        command, input=json.dumps(list(CASES)), env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    results: dict[str, Any] = json.loads(process.stdout)
    return results


@pytest.mark.parametrize("query", list(CASES))
def test_a_query_evaluates_to_the_expected_result(results: dict[str, Any], query: str) -> None:
    assert results[query] == CASES[query]
