"""Every form of a pasted address, and the sentence for every invalid one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.source.address import Address, InvalidAddress, parse

PUBLIC = "https://github.com"
DEMO = "http://127.0.0.1:8801/github"


@pytest.mark.parametrize(
    "pasted",
    [
        "https://github.com/acme/shop",
        "https://github.com/acme/shop/",
        "https://github.com/acme/shop.git",
        "http://github.com/acme/shop",
        "github.com/acme/shop",
        "acme/shop",
        "  https://github.com/acme/shop \n",
        "<https://github.com/acme/shop>",
        '"https://github.com/acme/shop"',
        "git clone https://github.com/acme/shop.git",
        "git@github.com:acme/shop.git",
        "git@github.com:acme/shop",
        "ssh://git@github.com/acme/shop.git",
        "git+ssh://git@github.com/acme/shop.git",
        "git+https://github.com/acme/shop",
        "https://GitHub.com/acme/shop",
        "https://github.com:443/acme/shop",
        "https://github.com/acme/shop/tree/main/web",
        "https://github.com/acme/shop/blob/main/README.md",
        "https://github.com/acme/shop/blob/main/README.md#L10-L20",
        "https://github.com/acme/shop/pull/7",
        "https://github.com/acme/shop/pull/7/files?w=1",
        "https://github.com/acme/shop/issues",
        "https://github.com/acme/shop/actions/runs/1",
        "https://github.com/acme/shop?tab=readme",
        "https://github.com/acme/shop#readme",
        "https://github.com/acme/shop/commit/0123abc",
        "https://github.com/acme/shop/releases",
        "https://github.com/acme/shop/settings",
        "https://github.com/acme/shop/commits/main",
    ],
)
def test_every_form_is_recognised(pasted: str) -> None:
    assert parse(pasted, [PUBLIC]) == Address(PUBLIC, "acme", "shop")


@pytest.mark.parametrize(
    "pasted",
    [
        "http://127.0.0.1:8801/github/acme/shop",
        "127.0.0.1:8801/github/acme/shop",
        "http://127.0.0.1:8801/github/acme/shop.git",
        "acme/shop",
    ],
)
def test_a_host_can_have_a_port_and_a_path_prefix(pasted: str) -> None:
    assert parse(pasted, [DEMO]) == Address(DEMO, "acme", "shop")


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        ("", "Paste the URL"),
        ("   ", "Paste the URL"),
        ("https://gitlab.com/acme/shop", "is not connected to this host"),
        ("https://github.com.evil.example/acme/shop", "is not connected to this host"),
        ("https://github.com@evil.example/acme/shop", "user name or a password"),
        ("https://user:secret@github.com/acme/shop", "user name or a password"),
        ("ssh://git:secret@github.com/acme/shop", "user name or a password"),
        ("https://evil.example/github.com/acme/shop", "is not connected to this host"),
        ("ftp://github.com/acme/shop", "does not support ftp://"),
        ("file:///etc/passwd", "does not support file://"),
        ("javascript:alert(1)", "malformed"),
        ("--upload-pack=touch /tmp/x", "a space or a control character"),
        ("--upload-pack=x", "cannot begin with a dash"),
        ("ext::sh -c whoami", "a space or a control character"),
        ("https://[::1]/acme/shop", "is not connected to this host"),
        ("https://2130706433/acme/shop", "is not connected to this host"),
        ("https://169.254.169.254/latest/meta-data", "is not connected to this host"),
        ("https://github.com:8443/acme/shop", "is not connected to this host"),
        ("https://github.com:99999/acme/shop", "malformed"),
        ("https://github.com/acme", "names no repository"),
        ("https://github.com/", "names no repository"),
        ("https://github.com/acme/..", "is not a valid repository name"),
        ("https://github.com/acme/shop/../../x", "Repositories have no page"),
        ("https://github.com/-acme/shop", "is not a valid owner"),
        ("https://github.com/" + "a" * 40 + "/shop", "is not a valid owner"),
        ("https://github.com/acme/" + "n" * 101, "is not a valid repository name"),
        ("https://github.com/acme/shop%0d%0aHost:x", "is not a valid repository name"),
        ("https://github.com/acme/sh\u043ep", "another script"),
        ("https://github.com/acme/shop\x00", "control character"),
        ("x" * 10_000, "This address is too long"),
        ("acme/shop; rm -rf /", "a space or a control character"),
        ("https://github.com/acme/$(id)", "is not a valid repository name"),
    ],
)
def test_an_invalid_address_is_rejected_with_a_sentence(pasted: str, message: str) -> None:
    with pytest.raises(InvalidAddress) as rejected:
        parse(pasted, [PUBLIC])
    assert message in str(rejected.value)
    assert "secret" not in str(rejected.value)


def test_only_the_path_prefix_of_the_host_is_accepted() -> None:
    with pytest.raises(InvalidAddress):
        parse("http://127.0.0.1:8801/jira/acme/shop", [DEMO])


@given(st.text(max_size=600))
def test_any_text_gives_an_allowed_address_or_a_sentence(pasted: str) -> None:
    try:
        address = parse(pasted, [PUBLIC])
    except InvalidAddress as rejected:
        assert str(rejected).endswith((".", "?"))
    else:
        assert address.host == PUBLIC
        assert set(address.full_name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")
        assert address.full_name.count("/") == 1
