"""Every parser that the fuzzer tries. Importing this module needs Django's settings."""

from tests.fuzz.parser import Parser
from tests.fuzz.targets import (
    addresses,
    answers,
    catalog_file,
    corrections,
    defaults,
    documents,
    quantities,
    repositories,
    requests,
    webhooks,
)

MODULES = (
    addresses,
    defaults,
    repositories,
    corrections,
    quantities,
    documents,
    catalog_file,
    webhooks,
    answers,
    requests,
)
PARSERS: dict[str, Parser] = {parser.name: parser for module in MODULES for parser in module.PARSERS}
