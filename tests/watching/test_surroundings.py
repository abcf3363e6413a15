"""What `mailroom check` finds around the register, with its remedy."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mailroom import surroundings
from mailroom.config import OcrSettings, OidcSettings, ScanFolderSettings, Settings, SmtpSettings
from mailroom.model.checked import Finding
from mailroom.registration.calendar import WorkingCalendar
from tests.servers.authority import Authority
from tests.servers.smtp import SmtpServer
from tests.servers.web import WebServer

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs the server's certificate."""
    return Authority(tmp_path_factory.mktemp("authority"))


def town(folder: Path, **settings: object) -> Settings:
    """A data directory that is closed to others."""
    (folder / "data").mkdir(mode=0o700, exist_ok=True)
    return Settings.model_validate({"charter": "primerovo", "data_dir": folder / "data", **settings})


def by_name(found: Iterator[Finding]) -> dict[str, Finding]:
    """The findings by what they are about."""
    return {finding.what: finding for finding in found}


@pytest.mark.parametrize(("security", "implicit_tls"), [("tls", True), ("starttls", False)])
def test_a_certificate_is_told_three_weeks_before_it_ends(
    security: str, implicit_tls: bool, authority: Authority, tmp_path: Path
) -> None:
    """As the server itself shows it; and one whose authority is not trusted at once."""
    with SmtpServer(authority=authority, implicit_tls=implicit_tls) as server:
        smtp = {"host": "localhost", "port": server.port, "security": security, "ca_file": authority.ca_file}
        settings = town(tmp_path, smtp=smtp)
        shown, = surroundings.certificates(settings, NOW)
        ends = datetime.fromisoformat(shown.remedy.removeprefix("valid until ").partition(":")[0]).replace(tzinfo=UTC)
        early, = surroundings.certificates(settings, ends - timedelta(days=25))
        late, = surroundings.certificates(settings, ends - timedelta(days=15))
        assert early.ok and not late.ok and "renew" in late.remedy
        stranger, = surroundings.certificates(town(tmp_path, smtp={**smtp, "ca_file": None}), NOW)
        assert not stranger.ok and "ca_file" in stranger.remedy


def test_a_server_that_cannot_be_seen_is_no_fault_of_its_certificate(tmp_path: Path) -> None:
    """That it does not answer is told elsewhere."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        unseen, = surroundings.certificates(
            town(tmp_path, smtp=SmtpSettings(host="localhost", port=port).model_dump()), NOW)
        plain, = surroundings.certificates(
            town(tmp_path, smtp={"host": "127.0.0.1", "port": port, "security": "none"}), NOW)
    assert unseen.ok and "cannot be looked at" in unseen.remedy
    assert plain.ok and "without TLS" in plain.remedy


def test_the_single_sign_on_is_asked_who_it_is(tmp_path: Path) -> None:
    """A provider of another name would refuse every log-in."""
    with WebServer() as provider:
        def asked(issuer: str) -> Finding:
            oidc = OidcSettings(issuer=issuer, client_id="mailroom", client_secret="oidc")
            found, = surroundings.single_sign_on(town(tmp_path, oidc=oidc.model_dump()))
            return found

        provider.answer = json.dumps({"issuer": provider.url})
        assert asked(provider.url).ok
        assert provider.received[0].path == "/.well-known/openid-configuration"
        provider.answer = json.dumps({"issuer": "https://elsewhere.example.bg"})
        assert "https://elsewhere.example.bg" in asked(provider.url).remedy
        provider.answer = "<html>"
        assert not asked(provider.url).ok
        provider.status = 404
        assert not asked(provider.url).ok


def test_a_scan_folder_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    """A file is made and moved, because of a network share the permission bits say little."""
    there = tmp_path / "scans"
    there.mkdir()
    (there / "letter.pdf").write_bytes(b"%PDF")
    (tmp_path / "file").write_bytes(b"")

    def look(path: Path, settle: str = "move") -> Finding:
        scanner = ScanFolderSettings.model_validate({"name": "scanner", "path": path, "settle": settle})
        return by_name(surroundings.folders(town(tmp_path, scan_folders=(scanner,))))["scan folder scanner"]

    assert look(there).ok
    assert sorted(path.name for path in there.rglob("*")) == ["letter.pdf", "taken"]
    for missing in (tmp_path / "nowhere", tmp_path / "file"):
        assert not look(missing).ok and str(missing) in look(missing).remedy
    assert look(Path("/proc/self/fd"), "leave").ok and not look(Path("/proc/self/fd")).ok


def test_what_others_could_read_is_told_with_the_command_that_closes_it(tmp_path: Path) -> None:
    """Letters, configuration and register."""
    settings = town(tmp_path)
    register = settings.data_dir / "register.db"
    register.touch(mode=0o600)
    assert by_name(surroundings.folders(settings))["permissions"].ok
    register.chmod(0o644)
    opened = by_name(surroundings.folders(settings))["permissions"]
    assert not opened.ok and f"chmod o=,g-w {register}" in opened.remedy


def test_the_machine_is_measured_by_the_settings(tmp_path: Path) -> None:
    """More reading processes than cores, more memory than there is."""
    modest = by_name(surroundings.machine(town(tmp_path, ocr={"workers": 1, "memory_megabytes": 1000})))
    starved = by_name(surroundings.machine(town(tmp_path, ocr={"memory_megabytes": 60})))
    assert not starved["memory"].ok and "1500" in starved["memory"].remedy
    greedy = by_name(surroundings.machine(town(tmp_path, ocr=OcrSettings(workers=9999).model_dump())))
    assert modest["cores"].ok and modest["memory"].ok and modest["time zone data"].ok and modest["fonts"].ok
    assert not greedy["cores"].ok and "[ocr] workers = " in greedy["cores"].remedy
    assert not greedy["memory"].ok


def test_the_coming_year_must_be_in_the_calendar(tmp_path: Path) -> None:
    """Terms run into it."""
    working = WorkingCalendar()
    assert surroundings.calendar(working, date(2026, 11, 20)).ok
    assert not surroundings.calendar(working, date(2400, 11, 20)).ok


def test_the_disk_is_judged_by_room_and_by_pace(tmp_path: Path) -> None:
    """The same limits as those of the alarm."""
    calm = town(tmp_path, troubles={"disk_megabytes": 0, "disk_days": 14})
    assert surroundings.disk(calm, None).ok and surroundings.disk(calm, 14).ok
    assert not surroundings.disk(calm, 13).ok
    assert not surroundings.disk(town(tmp_path, troubles={"disk_megabytes": 1 << 40}), None).ok


def test_a_letter_of_the_future_shows_a_wrong_clock() -> None:
    """By the mail server's own time of receipt."""
    assert surroundings.newest_is_of_the_future(NOW + timedelta(minutes=3), NOW)
    assert not surroundings.newest_is_of_the_future(NOW + timedelta(minutes=1), NOW)
