"""Loads the code with counters for the fuzzer's coverage. Must be imported before anything else of ours."""

import importlib
import importlib.util
import io
import os
from contextlib import AbstractContextManager, nullcontext, redirect_stderr

from tests.fuzz.parser import Parser

PACKAGES = (
    "api",
    "catalog",
    "dashboard",
    "engine",
    "events",
    "generate",
    "integrations",
    "onboarding",
    "patterns",
    "portal",
    "readers",
    "stacks",
    "tenancy",
)
AVAILABLE = importlib.util.find_spec("atheris") is not None
"""The engine exists for Linux on x86-64 only."""


def parsers(*, search: bool) -> dict[str, Parser]:
    """Name → parser. With `search` the code counts what it executes, and is slower."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    with redirect_stderr(io.StringIO()), _counting() if search else nullcontext():  # it names every module
        importlib.import_module("django").setup()
        importlib.import_module("django.test.utils").setup_test_environment(debug=False)
        loaded: dict[str, Parser] = importlib.import_module("tests.fuzz.registry").PARSERS
    return loaded


def _counting() -> AbstractContextManager[None]:
    atheris = importlib.import_module("atheris")
    context: AbstractContextManager[None] = atheris.instrument_imports(include=list(PACKAGES))
    return context
