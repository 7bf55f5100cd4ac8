"""The keys of a platform on one machine: made once, kept where only their owner reads them, and always good."""
from pathlib import Path

import pytest

from chassis.clock import now
from deploy.local import keys as local_keys
from deploy.local.keys import Keys, keys_of
from services.registry.accounts import keys as api_keys
from services.registry.accounts.giving import scopes_of
from services.registry.accounts.keys import COMMAND, check_key
from tests.integration.conftest import Connect


def test_a_key_is_made_once_and_kept_for_the_next_start(
        environment: dict[str, str], database: Connect, tmp_path: Path) -> None:
    database("registry")
    first = keys_of(tmp_path, environment)
    key = first("agency", "abfa")
    assert key == first("agency", "abfa") == keys_of(tmp_path, environment)("agency", "abfa") != first("agency", "gaz")
    assert check_key(key, now(), lambda person, day: ()).subject == "abfa"
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
    assert Keys(environment)("agency", "abfa") != key, "without a file it is another's"


def test_a_key_that_is_good_no_more_or_for_less_than_its_role_is_made_anew(
        environment: dict[str, str], database: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database("registry")
    key = keys_of(tmp_path, environment)("operator")
    api_keys.revoke(key.split("_")[1], COMMAND, now(), lambda role, subject: ())
    again = keys_of(tmp_path, environment)("operator")
    assert again != key
    monkeypatch.setattr(local_keys, "scopes_of", lambda role: [*scopes_of(role), "new:deed"])
    assert keys_of(tmp_path, environment)("operator") != again


def test_it_finds_the_registry_of_its_variables_by_itself(
        environment: dict[str, str], database: Connect, tmp_path: Path) -> None:
    key = keys_of(tmp_path, environment)("secretary", "alborz")
    stored = database("registry").api_keys.find_one({"_id": key.split("_")[1]})
    assert stored and (stored["role"], stored["subject"]) == ("secretary", "alborz")
