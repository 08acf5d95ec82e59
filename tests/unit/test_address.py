"""Every form in which an address is pasted, and the sentence for every form that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.address import Address, AddressRefused, parse

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
def test_it_is_understood(pasted: str) -> None:
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
def test_a_host_with_port_and_path_prefix(pasted: str) -> None:
    assert parse(pasted, [DEMO]) == Address(DEMO, "acme", "shop")


@pytest.mark.parametrize(
    ("pasted", "says"),
    [
        ("", "Paste the address"),
        ("   ", "Paste the address"),
        ("https://gitlab.com/acme/shop", "does not know the host"),
        ("https://github.com.evil.example/acme/shop", "does not know the host"),
        ("https://github.com@evil.example/acme/shop", "user name or a password"),
        ("https://user:secret@github.com/acme/shop", "user name or a password"),
        ("ssh://git:secret@github.com/acme/shop", "user name or a password"),
        ("https://evil.example/github.com/acme/shop", "does not know the host"),
        ("ftp://github.com/acme/shop", "does not use ftp://"),
        ("file:///etc/passwd", "does not use file://"),
        ("javascript:alert(1)", "malformed"),
        ("--upload-pack=touch /tmp/x", "a space or a control character"),
        ("--upload-pack=x", "does not begin with a dash"),
        ("ext::sh -c whoami", "a space or a control character"),
        ("https://[::1]/acme/shop", "does not know the host"),
        ("https://2130706433/acme/shop", "does not know the host"),
        ("https://169.254.169.254/latest/meta-data", "does not know the host"),
        ("https://github.com:8443/acme/shop", "does not know the host"),
        ("https://github.com:99999/acme/shop", "malformed"),
        ("https://github.com/acme", "names no repository"),
        ("https://github.com/", "names no repository"),
        ("https://github.com/acme/..", "cannot be a repository's name"),
        ("https://github.com/acme/shop/../../x", "something that no repository has"),
        ("https://github.com/-acme/shop", "cannot be an owner"),
        ("https://github.com/" + "a" * 40 + "/shop", "cannot be an owner"),
        ("https://github.com/acme/" + "n" * 101, "cannot be a repository's name"),
        ("https://github.com/acme/shop%0d%0aHost:x", "cannot be a repository's name"),
        ("https://github.com/acme/sh\u043ep", "another script"),
        ("https://github.com/acme/shop\x00", "control character"),
        ("x" * 10_000, "longer than an address can be"),
        ("acme/shop; rm -rf /", "a space or a control character"),
        ("https://github.com/acme/$(id)", "cannot be a repository's name"),
    ],
)
def test_it_is_refused_with_a_sentence(pasted: str, says: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        parse(pasted, [PUBLIC])
    assert says in str(refused.value)
    assert "secret" not in str(refused.value)


def test_the_demo_takes_no_other_path_of_its_host() -> None:
    with pytest.raises(AddressRefused):
        parse("http://127.0.0.1:8801/jira/acme/shop", [DEMO])


@given(st.text(max_size=600))
def test_anything_pasted_gives_an_allowed_address_or_a_sentence(pasted: str) -> None:
    try:
        found = parse(pasted, [PUBLIC])
    except AddressRefused as refused:
        assert str(refused).endswith((".", "?"))
    else:
        assert found.host == PUBLIC
        assert set(found.full_name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")
        assert found.full_name.count("/") == 1
