"""Secrets are removed by value from everything that leaves Onramp."""

from base64 import b64encode

from integrations import secrets

TOKEN = "token-of-the-test-0123456789"


def test_a_remembered_secret_is_masked_wherever_it_occurs() -> None:
    secrets.remember(TOKEN)
    assert secrets.redact(f"Bearer {TOKEN}; again: {TOKEN}") == "Bearer ***; again: ***"


def test_a_login_is_masked_as_http_basic_sends_it() -> None:
    """RFC 7617: the base64 form of user, colon and password."""
    secrets.remember_login("onramp-bot", TOKEN)
    header = b64encode(f"onramp-bot:{TOKEN}".encode()).decode()
    assert secrets.redact(f"Authorization: Basic {header}") == "Authorization: Basic ***"


def test_a_short_value_would_blank_out_ordinary_words() -> None:
    secrets.remember("port")
    assert secrets.redact("the port 8080") == "the port 8080"


def test_a_value_is_hidden_only_for_the_block() -> None:
    with secrets.hidden(["value-for-a-moment"]):
        assert secrets.redact("it is value-for-a-moment") == "it is ***"
    assert secrets.redact("it is value-for-a-moment") == "it is value-for-a-moment"


def test_a_longer_secret_is_masked_before_one_that_it_contains() -> None:
    with secrets.hidden(["inner-secret", "outer-inner-secret"]):
        assert secrets.redact("outer-inner-secret") == "***"
