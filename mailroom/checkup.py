"""Looks at everything that the service needs, before it runs: a line each, fine or what to do."""

import subprocess
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from mailroom import coherence, surroundings
from mailroom.backing_up import trouble_with_last
from mailroom.charter.lines import line_of
from mailroom.charter.pack import CASES, charter_ids, check_pack, load_cases, load_pack
from mailroom.condition import DISK, disk_days_left
from mailroom.config import Settings
from mailroom.correspondence.templates import Templates
from mailroom.dispatch.transport import transport_for
from mailroom.errors import Damaged, MailroomError, Misconfigured, TryAgain
from mailroom.model.base import SOFIA, day_of
from mailroom.model.checked import Finding
from mailroom.model.staff import Role, Staff
from mailroom.office import utc_now
from mailroom.registration.calendar import WorkingCalendar
from mailroom.rehearsal import wrong_case
from mailroom.sources.imap import ImapMailbox
from mailroom.sources.source import Source
from mailroom.store import damage
from mailroom.store.backup import REGISTER
from mailroom.store.daybook import BACKUP
from mailroom.store.store import Store
from mailroom.trial import outcome, why_not
from mailroom.understanding.knowledge import load_knowledge
from mailroom.vault import CREDENTIAL, KEY_FILE, LOCKED, Vault
from mailroom.verify import look_only

_READ_AT_ONCE = 1 << 29
"""Octets of a register that are read within seconds."""
_SEE_SOURCE = "See that it is there, and what its section in mailroom.toml says"
_SEE_FOLDER = "let our user write there, or correct [outgoing] folder in mailroom.toml"
_SEE_SMTP = "see that it is there, and what [smtp] in mailroom.toml says"


def check_everything(settings: Settings, *, try_mail: bool = False) -> Iterator[Finding]:
    """Every finding, one after the other; none stops the next. `try_mail`: a letter is sent to ourselves."""
    now = utc_now()
    yield Finding(what="configuration", ok=True, remedy=f"{settings.data_dir}, charter {settings.charter}")
    yield from coherence.settings_by_themselves(settings)
    yield from _charters(settings)
    yield _vocabulary(settings)
    yield _templates(settings)
    yield _ocr(settings)
    yield surroundings.confinement()
    yield surroundings.antivirus(settings)
    yield from surroundings.machine(settings)
    yield surroundings.calendar(WorkingCalendar(settings.extra_non_working), day_of(now))
    yield from surroundings.folders(settings)
    yield from _register(settings, now)
    yield from _sources(settings, now)
    yield _smtp(settings)
    yield from surroundings.certificates(settings, now)
    yield from surroundings.single_sign_on(settings)
    yield _second_channel(settings)
    yield _return_path(settings, try_mail=try_mail)


def _charters(settings: Settings) -> Iterator[Finding]:
    """The town's own pack with its examples; of the others only whether they load."""
    for charter in charter_ids(settings.rules):
        faults = check_pack(settings.rules, charter)
        if not faults and charter == settings.charter:
            faults = _wrong_examples(settings)
        yield from (Finding(what=f"charter {charter}", ok=False, remedy=fault) for fault in faults)
        if not faults:
            yield Finding(what=f"charter {charter}", ok=True, remedy=_in_short(settings, charter))
    if settings.charter not in charter_ids(settings.rules):
        yield from (Finding(what="charter", ok=False, remedy=fault)
                    for fault in check_pack(settings.rules, settings.charter))


def _in_short(settings: Settings, charter: str) -> str:
    """What a sound pack holds, and what its silence means."""
    pack, examples = load_pack(settings.rules, charter), load_cases(settings.rules, charter)
    parts = [f"{len(pack.clauses)} clauses", f"{len(pack.contact.point)} contact points",
             f"{len(pack.officers)} officers", f"{len(examples)} examples"]
    if pack.incomplete:
        parts.append("the published text is incomplete: where it is silent the law alone speaks")
    return ", ".join(parts)


def _wrong_examples(settings: Settings) -> list[str]:
    """The examples that do not come out as they say, with file and line; a broken vocabulary is told elsewhere."""
    pack = load_pack(settings.rules, settings.charter)
    calendar = WorkingCalendar((*pack.extra_non_working, *settings.extra_non_working))
    try:
        knowledge = load_knowledge(settings.rules, settings.local_lexicon)
    except Misconfigured:
        return []
    path = settings.rules / "charters" / settings.charter / CASES
    text = path.read_text("utf-8")
    found = ((index, wrong_case(case, pack, knowledge, calendar))
             for index, case in enumerate(load_cases(settings.rules, settings.charter)))
    return [f"{path}:{line_of(text, ('case', index, 'title'))}: {wrong}; correct the rule, or what the example expects"
            for index, wrong in found if wrong]


def _vocabulary(settings: Settings) -> Finding:
    what = "vocabulary"
    try:
        load_knowledge(settings.rules, settings.local_lexicon)
    except Misconfigured as error:
        return Finding(what=what, ok=False, remedy=str(error))
    own = len(list(settings.local_lexicon.glob("*.toml")))
    return Finding(what=what, ok=True, remedy=f"{own} files of the municipality's own in {settings.local_lexicon}")


def _templates(settings: Settings) -> Finding:
    try:
        names = Templates(settings.templates, settings.templates_dir).check()
    except Misconfigured as error:
        return Finding(what="letter templates", ok=False, remedy=str(error))
    return Finding(what="letter templates", ok=True, remedy=f"{len(names)} files")


def _ocr(settings: Settings) -> Finding:
    """Asked of the program itself, because its languages are packages of their own."""
    try:
        listed = subprocess.run(["tesseract", "--list-langs"], check=True, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return Finding(what="OCR languages", ok=False, remedy="Tesseract does not run: apt-get install tesseract-ocr")
    missing = sorted(set(settings.ocr.languages.split("+")) - set(listed.stdout.split()))
    packages = " ".join(f"tesseract-ocr-{language}" for language in missing)
    return Finding(what="OCR languages", ok=not missing,
                   remedy=f"install them: apt-get install {packages}; or correct [ocr] languages" if missing else
                   settings.ocr.languages)


def _register(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Its schema first: one of another version is not asked any further. Nothing is brought up to date here."""
    if not settings.database_url and not (settings.data_dir / REGISTER).exists():
        yield Finding(what="register", ok=False, remedy=f"there is none in {settings.data_dir}: mailroom init")
        return
    store = Store(settings.url, settings.originals_dir)
    try:
        yield (schema := _schema(store))
        yield from _file(settings, store)
        if schema.ok and store.is_current():
            yield from _inside(settings, store, now)
    except (Misconfigured, Damaged) as error:
        yield Finding(what="register", ok=False, remedy=str(error))
    finally:
        store.close()


def _file(settings: Settings, store: Store) -> Iterator[Finding]:
    """A file of some gigabytes is read at night, by the proof."""
    file = settings.sqlite_file
    if file and file.stat().st_size < _READ_AT_ONCE and (words := store.damage()):
        yield Finding(what="register", ok=False, remedy=damage.sentence(words))


def _schema(store: Store) -> Finding:
    state = store.schema()
    if state.newer:
        return Finding(what="register", ok=False, remedy=(
            f"schema {state.current} of a newer version, this one knows {state.wanted}: install that version again"))
    if state.pending and not store.is_sqlite:
        return Finding(what="register", ok=False, remedy=(
            f"schema {state.current}, {state.wanted} is needed: stop every process, then mailroom upgrade"))
    if state.pending:
        return Finding(what="register", ok=True, remedy=(
            f"schema {state.current}; the next start brings it to {state.wanted}: see „mailroom upgrade --check“"))
    return Finding(what="register", ok=True, remedy=f"schema {state.current}")


def _inside(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    with store.reading() as register:
        waiting, people = register.items.unfinished(), register.people.all()
        secrets = register.second_factors.secrets()
        days_left = disk_days_left(register, settings, now)
        backup_at, verified = register.daybook.latest_at(BACKUP), register.daybook.verification()
        first, doubt = register.daybook.first_since(DISK, date.min), trouble_with_last(register)
    yield Finding(what="work", ok=True, remedy=f"{waiting} items at work")
    yield surroundings.originals(store)
    yield surroundings.disk(settings, days_left)
    yield _backup(settings, backup_at, now, first[0] if first else now, doubt)
    if verified:
        yield Finding(what="last proof", ok=not verified.fault_count, remedy=(
            f"{verified.on}: {verified.fault_count} faults: mailroom verify says which" if verified.fault_count else
            f"{verified.on}: no fault"))
    yield _confidential(people)
    yield _second_factors(settings, list(secrets.values()))


def _backup(settings: Settings, at: datetime | None, now: datetime, kept_since: datetime, doubt: str) -> Finding:
    hours = settings.troubles.backup_hours
    old = bool(hours) and now - (at or kept_since) > timedelta(hours=hours)
    seen = f"the last is of {at.astimezone(SOFIA):%Y-%m-%d %H:%M}" if at else "none was made yet"
    return Finding(what="backup", ok=not (old or doubt), remedy=(
        f"{seen}: systemctl enable --now mailroom-backup.timer; systemctl status mailroom-backup" if old
        else doubt or seen))


def _second_channel(settings: Settings) -> Finding:
    limits = settings.troubles
    ways = [name for name, there in (("mail", limits.recipients), ("command", limits.command),
                                     ("webhook", limits.webhook)) if there]
    return Finding(what="being told of troubles", ok=True, remedy=(
        f"by {', '.join(ways)}; „mailroom troubles --try“ tries it" if ways else
        "nobody is told: fill in [troubles], best by a way outside the town's own mail"))


def _second_factors(settings: Settings, locked: list[str]) -> Finding:
    """Whether the key is here without which nobody's code can be checked."""
    what, vault = "second factors", Vault(settings.data_dir)
    try:
        closed = sum(vault.unlock(secret) is None for secret in locked if secret.startswith(LOCKED))
    except Misconfigured as error:
        return Finding(what=what, ok=False, remedy=str(error))
    lost = (f"the key for {closed} of {len(locked)} is not here: put {KEY_FILE} (or the credential {CREDENTIAL}) back "
            "as it was, or reset them on the page of users; until then people come in by a recovery code")
    return Finding(what=what, ok=not closed, remedy=lost if closed else f"{len(locked)} set up")


def _confidential(people: Iterable[Staff]) -> Finding:
    """Somebody must be there for whistleblowers' reports, and be told of them (ЗЗЛПСПОИН 14)."""
    there = [one for one in people if one.role is Role.CONFIDENTIAL and one.active]
    told = [one.login for one in there if "@" in one.email]
    missing = "nobody is told of whistleblowers' reports: mailroom users add LOGIN --role confidential --email ADDRESS"
    return Finding(what="confidential officer", ok=True, remedy=", ".join(told) or missing)


def _sources(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        sources = look_only(settings)
    except MailroomError as error:
        yield Finding(what="mailboxes", ok=False, remedy=str(error))
        return
    for source in sources:
        try:
            found = len(source.list_keys())
        except TryAgain as error:
            yield Finding(what=f"source {source.name}", ok=False, remedy=f"{error} {_SEE_SOURCE}")
        else:
            yield Finding(what=f"source {source.name}", ok=True, remedy=f"{found} there")
            yield from _clock_of(source, now)
    if not sources:
        yield Finding(what="mailboxes", ok=True, remedy="none configured: letters come in by „mailroom intake“ only")


def _clock_of(source: Source, now: datetime) -> Iterator[Finding]:
    """The mail server's clock against ours."""
    newest = source.newest() if isinstance(source, ImapMailbox) else None
    wrong = surroundings.newest_is_of_the_future(newest, now) if newest else ""
    if wrong:
        yield Finding(what=f"clock of {source.name}", ok=False, remedy=f"{wrong}: timedatectl set-ntp true")


def _smtp(settings: Settings) -> Finding:
    what = "outgoing mail"
    try:
        transport = transport_for(settings)
        if transport is None:
            return Finding(what=what, ok=True, remedy="none configured: letters are written and wait ([smtp])")
        transport.check()
    except TryAgain as error:
        return Finding(what=what, ok=False, remedy=f"{error}: {_SEE_SMTP if settings.smtp else _SEE_FOLDER}")
    except MailroomError as error:
        return Finding(what=what, ok=False, remedy=str(error))
    return Finding(what=what, ok=True)


def _return_path(settings: Settings, *, try_mail: bool) -> Finding:
    """By what an undelivered letter is known when it comes back."""
    what, cannot = "return path", why_not(settings)
    if cannot or not try_mail:
        now = ("signed, for each letter its own (plus_addresses = true)" if settings.outgoing.plus_addresses else
               "our own address; bounces find their letters by Message-ID")
        return Finding(what=what, ok=True, remedy=f"{now}; " + (
            cannot or "„mailroom check --try-mail“ sends a letter to ourselves to see whether the server takes "
                      "plus-addresses"))
    try:
        ok, seen = outcome(settings, load_pack(settings.rules, settings.charter))
    except Misconfigured as error:
        ok, seen = False, str(error)
    return Finding(what=what, ok=ok, remedy=seen)
