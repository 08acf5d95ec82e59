"""Quantities of a cluster's quotas, which are added up and shown."""

import generate.quantity as quantity
from tenancy import allowance
from tests.fuzz.oracles import sentence, short
from tests.fuzz.parser import Document, Parser

SAMPLES = (
    {"requests.cpu": "300m", "requests.memory": "1Gi", "pods": "10"},
    {"requests.cpu": "1e3", "requests.memory": "128974848", "pods": "+5"},
    {"requests.cpu": ".5", "limits.memory": "1.5E", "services": "0"},
)


def add_up(document: Document) -> None:
    if not isinstance(document, dict):
        return
    try:
        amounts = allowance.total([document])
        shown = allowance.as_quantities(amounts)
    except quantity.NotAQuantity as error:
        sentence(error)
        return
    short(shown, 100_000 + 10 * len(str(document)))
    assert set(allowance.total([shown])) == set(shown), "what is shown is no quantity"
    short(allowance.as_quantities(allowance.total([document] * 50)), 100_000 + 10 * len(str(document)))
    account = allowance.Account(amounts, amounts, amounts)
    short(account.describe(), 100_000 + 100 * len(str(document)))


PARSERS = [Parser("quantities", lambda: list(SAMPLES), add_up, ("m", "Ki", "Ei", "E", "e9", "n", "-", "."))]
