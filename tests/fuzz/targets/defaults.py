"""Defaults of variables in a repository's code, which the plan checks for addresses out of reach. A document is the default."""

from onboarding.plans import reachability
from stacks import Component, Evidence, Setting
from tests.fuzz.oracles import short
from tests.fuzz.parser import Document, Parser

EGRESS = [{"cidr": "10.0.0.0/16", "ports": [5432]}]
SAMPLES = (
    "postgres://user:word@10.3.0.1:5432/shop",
    "[fd00:3::1]:5432",
    "http://api.example:8080/x",
    "10.0.0.7:6379",
    "http://[",
)


def check(document: Document) -> None:
    if isinstance(document, str):
        text = document.encode(errors="replace").decode()
        setting = Setting("CACHE_URL", text, secret=False, evidence=Evidence("app.py", 1, ""))
        component = Component(name="web", root="", family="python", settings=(setting,))
        short(reachability.warnings([component], EGRESS), 1_000 + 10 * len(text))


PARSERS = [Parser("defaults", lambda: list(SAMPLES), check, ("://", "@", ":", "[", "]", "%", "::ffff:10.0.0.1"))]
