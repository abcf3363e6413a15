"""What the settings themselves give away, before it hurts in the night or in an alarm."""

from pathlib import Path

import pytest

from mailroom.coherence import settings_by_themselves
from mailroom.config import load_settings

BOX = '[[mailboxes]]\nname = "a@example.bg"\nhost = "mail.example.bg"\n'
FOLDERS = '[[scan_folders]]\nname = "one"\npath = "scans"\n[[scan_folders]]\nname = "two"\npath = "scans/../scans"\n'
OIDC = '[oidc]\nissuer = "https://sso.example.bg"\nclient_id = "a"\nclient_secret = "HERE"\n'


def found(tmp_path: Path, text: str) -> dict[str, list[str]]:
    """What → the remedies of the faults, and of what nobody looks for."""
    (tmp_path / "scans").mkdir()
    (tmp_path / "mailroom.toml").write_text(f'charter = "primerovo"\n{text}', "utf-8")
    findings = list(settings_by_themselves(load_settings(tmp_path / "mailroom.toml")))
    return {"wrong": [one.remedy for one in findings if not one.ok], "fine": [one.remedy for one in findings if one.ok]}


@pytest.mark.parametrize(("text", "words"), [
    (FOLDERS, ["one", "two", "twice"]),
    ("[web]\npublic_port = 8080", ["web.public_port", "8080"]),
    ("[metrics]\nport = 8081", ["metrics.port", "8081"]),
    ('[outgoing]\nfrom_address = "the town"', ["outgoing.from_address", "the town"]),
    ('[digest]\nrecipients = ["Кмет <kmet@example.bg>"]', ["digest.recipients", "name@example.bg"]),
    ('[troubles]\nrecipients = ["admin"]', ["troubles.recipients", "admin"]),
    ('[web]\npublic_url = "status.example.bg"', ["web.public_url", "https://"]),
    ('[web]\nstaff_url = "http://delo.example.bg"', ["web.staff_url", "log in", "TLS"]),
    ('[backup]\nfolder = "nowhere"', ["backup.folder", "install -d"]),
    ('[backup]\nrecipients = ["age1nonsense"]', ["backup.recipients", "age1nonsense"]),
    ('[logs]\nfile = "nowhere/mailroom.log"', ["logs.file", "ReadWritePaths"]),
    ('templates_dir = "nowhere"', ["templates_dir", "nowhere"]),
    ('rules_dir = "nowhere"', ["rules_dir", "nowhere"]),
    ('[troubles]\ncommand = ["nowhere/send-sms"]', ["troubles.command", "send-sms"]),
    ('[troubles]\nwebhook_token_secret = "ntfy"', ["troubles.webhook_token_secret", "MAILROOM_SECRET_NTFY"]),
    ('[metrics]\ntoken_secret = "prometheus"', ["metrics.token_secret", "MAILROOM_SECRET_PROMETHEUS"]),
    (OIDC.replace("HERE", "oidc"), ["oidc.client_secret", "MAILROOM_SECRET_OIDC"]),
    (OIDC + '[[oidc.grants]]\nvalue = "g"\nrole = "officer"\ndepartment = "atlantis"', ["oidc.grants", "atlantis"]),
])
def test_each_fault_is_one_sentence_with_setting_and_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: list[str]
) -> None:
    monkeypatch.setenv("MAILROOM_SECRET_HERE", "secret")
    fault, = found(tmp_path, text)["wrong"]
    assert all(word in fault for word in words)


def test_what_is_well_is_said_and_that_forged_senders_are_not_known(tmp_path: Path) -> None:
    said = found(tmp_path, f'{BOX}[web]\nstaff_url = "https://delo.example.bg"\n[digest]\nrecipients = ["k@x.bg"]')
    assert said["wrong"] == [] and len(said["fine"]) == 2 and "trusted_authserv_id" in said["fine"][1]
