"""The secrets of second factors cannot be read out of the register or of a backup."""

import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from cryptography.fernet import Fernet

from mailroom.config import Settings
from mailroom.errors import Misconfigured
from mailroom.model.staff import Role, Staff
from mailroom.office import open_office
from mailroom.store.backup import write_backup
from mailroom.store.store import Store
from mailroom.vault import KEY_FILE, Vault
from mailroom.web.second_factor import check_code, digest_of_code, new_secret

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def code_of(secret: str) -> str:
    """As a telephone shows it now."""
    return str(pyotp.TOTP(secret).at(NOW))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data directory."""
    (tmp_path / "mailroom.toml").write_text('charter = "ruse"\n', "utf-8")
    return Settings(charter="ruse", data_dir=tmp_path)


def test_secrets_of_before_are_locked_at_the_first_start_and_still_open(settings: Settings, tmp_path: Path) -> None:
    old = new_secret()
    store = Store(settings.url, settings.originals_dir)
    store.migrate()
    with store.transaction() as register:
        register.people.add(Staff(login="maria", name="Мария", role=Role.CLERK), "hash")
        register.second_factors.set("maria", old, 0, [digest_of_code("AAAA-BBBB")])
    store.close()
    office = open_office(settings)
    try:
        assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
        with office.store.transaction() as register:
            assert old not in register.second_factors.secrets()["maria"]
            assert check_code(register, office.vault, "maria", code_of(old), NOW)
        written = tmp_path / "backup.tar"
        write_backup(written, data_dir=tmp_path, url=settings.url, extra=(), now=NOW)
        with tarfile.open(written) as tar:
            assert not any(KEY_FILE in name for name in tar.getnames())
        key = (tmp_path / KEY_FILE).read_bytes().strip()
        octets = written.read_bytes()
        assert old.encode() not in octets and key not in octets
    finally:
        office.close()


def test_without_the_key_a_recovery_code_still_lets_in(settings: Settings, tmp_path: Path) -> None:
    store, vault, secret = Store(settings.url, settings.originals_dir), Vault(tmp_path), new_secret()
    store.migrate()
    with store.transaction() as register:
        register.people.add(Staff(login="maria", name="Мария", role=Role.CLERK), "hash")
        register.second_factors.set("maria", vault.lock(secret), 0, [digest_of_code("AAAA-BBBB")])
    (tmp_path / KEY_FILE).unlink()
    with store.transaction() as register:
        assert not check_code(register, vault, "maria", code_of(secret), NOW)
        assert check_code(register, vault, "maria", "aaaa-bbbb", NOW)
    store.close()


def test_the_key_of_a_credential_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "second-factor-key").write_bytes(Fernet.generate_key() + b"\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    vault = Vault(tmp_path)
    locked = vault.lock("тайна")
    assert vault.unlock(locked) == "тайна" and not (tmp_path / KEY_FILE).exists()
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert vault.unlock(locked) is None


def test_a_key_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("не е ключ")
    with pytest.raises(Misconfigured, match="put back the one that was there"):
        Vault(tmp_path).lock("тайна")
