"""Who pulls with what: a login for each team, one for all, or the nodes' own."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from integrations.errors import Invalid, Missing
from integrations.registry.ghcr import Ghcr, Options
from integrations.secrets import redact


def test_each_team_pulls_with_its_own_login(tmp_path: Path) -> None:
    (tmp_path / "acme-payments").write_text("payments-bot:ghp_payments\n")
    registry = Ghcr(Options(pull_logins=tmp_path))
    access = registry.pull_access("acme-payments")
    assert access is not None
    assert (access.user, access.token.get_secret_value()) == ("payments-bot", "ghp_payments")
    assert not registry.shares_login
    assert "ghp_payments" not in redact("the token is ghp_payments")
    with pytest.raises(Missing, match="no login for the team acme-storefront"):
        registry.pull_access("acme-storefront")
    (tmp_path / "acme-storefront").write_text("storefront-bot:ghp_storefront")
    assert registry.pull_access("acme-storefront") is not None


@pytest.mark.parametrize("text", ["", "no-colon", ":token", "user:"])
def test_a_file_that_is_no_login_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "acme-payments").write_text(text)
    with pytest.raises(Invalid, match="acme-payments is not user:token"):
        Ghcr(Options(pull_logins=tmp_path)).pull_access("acme-payments")


def test_a_team_reads_no_file_outside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("user:token")
    folder = tmp_path / "logins"
    folder.mkdir()
    with pytest.raises(Missing):
        Ghcr(Options(pull_logins=folder)).pull_access("../secret")


def test_without_a_login_the_nodes_pull() -> None:
    registry = Ghcr(Options())
    assert registry.pull_access("acme-payments") is None
    assert not registry.shares_login


def test_one_login_for_all_says_so() -> None:
    assert Ghcr(Options(pull_user="bot", pull_token=SecretStr("0123456789"))).shares_login


def test_half_a_login_is_refused() -> None:
    with pytest.raises(ValidationError, match="set both"):
        Options(pull_user="bot")
