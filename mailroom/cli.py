"""The commands of the mailroom: thin, each a few lines over the module that does the work.

Errors leave as one line on standard error that says what is wrong, where and what to do. Exit status: 0 done, 1 the
work found something wrong, 2 bad arguments or configuration. Nothing ever asks a question.
"""

import json
import logging
import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from typer.main import get_command

from mailroom import counting, datadir, export, filing, morning, service
from mailroom.charter.pack import load_pack
from mailroom.checkup import check_everything
from mailroom.config import CONFIG_NAME, Settings, find_config, load_settings, packaged
from mailroom.correspondence.pdf import page_pdf
from mailroom.demo.town import run_demo
from mailroom.errors import BadRequest, MailroomError, Misconfigured
from mailroom.explain import explanation
from mailroom.learning.night import learn
from mailroom.learning.telling import lesson_lines
from mailroom.logs import configure_logs, described
from mailroom.model.access import Scope
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA
from mailroom.model.findings import Kind, Matter
from mailroom.model.item import Item
from mailroom.model.outgoing import LetterType
from mailroom.model.staff import Role, Staff
from mailroom.office import Office, open_office
from mailroom.preview import digest_letter, preview
from mailroom.registration.calendar import WorkingCalendar
from mailroom.registration.terms import due_for_kind, extension_for
from mailroom.registration.words import DUTIES
from mailroom.reporting.report import period_of
from mailroom.reporting.table import Report, as_dict
from mailroom.separators import separators_pdf
from mailroom.sources.upload import files_in
from mailroom.store.backup import REGISTER, read_backup, write_backup
from mailroom.verify import verify as verify_register
from mailroom.web.api_keys import LONGEST_DAYS, make_key, revoke_key
from mailroom.web.figures import BOM, csv_with_bom, html_alone
from mailroom.web.passwords import hash_password

OPERATOR = "command line"
"""Who did it, in the history, when it was done here."""
DATABASES = ("sqlite:///", "postgresql+psycopg://")
PASSWORD_OCTETS = 12
MOST_SHEETS = 500
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

app = typer.Typer(name="mailroom", add_completion=False, rich_markup_mode=None,
                  pretty_exceptions_enable=False,
                  help="The mailroom of a municipality: reads, registers and answers its post.")
users = typer.Typer(help="Staff and their roles.")
tokens = typer.Typer(help="Keys of the town's other systems.")
letter = typer.Typer(help="Letters that the municipality writes.")
app.add_typer(users, name="users")
app.add_typer(tokens, name="tokens")
app.add_typer(letter, name="letter")

Data = Annotated[Path | None, typer.Option(
    "--data", metavar="DIR", help="Data directory; default: $MAILROOM_DATA, else the current folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")]
Charter = Annotated[str | None, typer.Option(
    "--charter", metavar="ID", help="Rule pack of the municipality; a data directory accepts only its own.")]
PasswordFile = Annotated[Path | None, typer.Option(
    "--password-file", metavar="FILE",
    help="Take the password from the first line of this file, „-“ for standard input; default: one is made and shown "
         "once.")]


class Format(StrEnum):
    """How items are exported."""

    JSONL = "jsonl"
    CSV = "csv"


class ReportFormat(StrEnum):
    """How a report is written."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"


REPORT_WRITERS: dict[ReportFormat, Callable[[Report], str]] = {
    ReportFormat.HTML: html_alone,
    ReportFormat.CSV: csv_with_bom,
    ReportFormat.JSON: lambda report: json.dumps(as_dict(report), ensure_ascii=False, indent=1) + "\n",
}


def main() -> None:
    """The entry point: run a command, and let every error leave in one line."""
    sys.excepthook = _last_words
    threading.excepthook = lambda thread: _last_words(thread.exc_type, thread.exc_value, thread.exc_traceback)
    try:
        # Not app(): it would put its own exception hook, with a traceback, in the place of ours.
        status = get_command(app)(sys.argv[1:] or ["--help"], standalone_mode=False)
    except typer.TyperException as error:
        _fail(error.format_message(), error.exit_code)
    except Misconfigured as error:
        _fail(str(error), 2)
    except MailroomError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        # Whoever read us has gone (`mailroom export | head`); nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _fail(f"{error.filename or 'system'}: {error.strerror or error}", 1)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(sentence: str, status: int) -> NoReturn:
    print(f"mailroom: {' '.join(sentence.split())}", file=sys.stderr)
    sys.exit(status)


def _last_words(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    """What nobody has foreseen still ends in one line; its message may hold a citizen's words and stays out."""
    what = described(error) if error else kind.__name__
    print(f"mailroom: unexpected {what}; please report it with this line", file=sys.stderr)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"mailroom {version('mailroom')}")
        raise typer.Exit


@app.callback()
def _options(
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Data directory, for any command.")] = None,
    _version: Annotated[bool, typer.Option(
        "--version", callback=_show_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    if data is not None:
        os.environ["MAILROOM_DATA"] = str(data)
    configure_logs(level=logging.WARNING)


# -- what the commands share -------------------------------------------------------------------------------------------

def _settings(data: Path | None, charter: str | None = None) -> Settings:
    """The settings of the data directory. Raises Misconfigured when another municipality's charter is asked for."""
    path = find_config(data)
    settings = load_settings(path)
    if charter is not None and charter != settings.charter:
        raise Misconfigured(f"{path}: this data directory belongs to „{settings.charter}“, not to „{charter}“: one "
                            "municipality has one data directory; make another with „mailroom init“")
    if settings.database_url and not settings.database_url.startswith(DATABASES):
        raise Misconfigured(f"{path}: database_url must begin with {' or '.join(DATABASES)}, or be empty")
    return settings


@contextmanager
def _office(data: Path | None, *, charter: str | None = None, letters: bool = True) -> Iterator[Office]:
    office = open_office(_settings(data, charter), letters=letters)
    try:
        yield office
    finally:
        office.close()


def _say(value: Any, as_json: bool, lines: Iterator[str] | list[str]) -> None:
    """JSON, or the lines for people."""
    if as_json:
        print(json.dumps(value, ensure_ascii=False, indent=1))
    else:
        for line in lines:
            print(line)


def _moment(text: str) -> datetime:
    """ISO 8601; without a zone it is the town's time, without a time it is noon: a moment inside working hours."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"„{text}“ is no date or time: write 2026-11-20 or 2026-11-20T16:30") from error
    if len(text) <= len("2026-11-20"):
        at = at.replace(hour=12)
    return at if at.tzinfo else at.replace(tzinfo=SOFIA)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"„{text}“ is no date: write 2026-11-20") from error


# -- beginning ---------------------------------------------------------------------------------------------------------

@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The data directory to make.")] = Path(),
    charter: Annotated[str, typer.Option("--charter", metavar="ID", help="Rule pack of the municipality.")] = "ruse",
    as_json: Json = False,
) -> None:
    """Write a commented mailroom.toml and the data directory, and make the first staff user."""
    settings = datadir.make_data_dir(folder, charter)
    password = secrets.token_urlsafe(PASSWORD_OCTETS)
    first = Staff(login="admin", name="Администратор", role=Role.ADMIN)
    office = open_office(settings)
    with office.store.transaction() as register:
        register.people.add(first, hash_password(password))
        register.history.note("user_added", who=OPERATOR, at=office.now(), login=first.login, role=first.role)
    office.close()
    _say({"data": str(settings.data_dir), "charter": charter, "login": first.login, "password": password}, as_json, [
        f"Data directory {settings.data_dir} for the charter „{charter}“ is ready.",
        f"First log-in: {first.login} / {password}   (shown this once; „mailroom users passwd“ makes a new one)",
        f"Next: edit {settings.data_dir / CONFIG_NAME}, then „mailroom check“ and „mailroom run“ there.",
    ])


@app.command()
def check(
    data: Data = None,
    try_mail: Annotated[bool, typer.Option(
        "--try-mail", help="Also send one letter to ourselves: do the servers take plus-addresses?")] = False,
    as_json: Json = False,
) -> None:
    """Look at configuration, charters, templates, OCR languages, disk, mailboxes and outgoing mail."""
    found = []
    for finding in check_everything(_settings(data), try_mail=try_mail):
        found.append(finding)
        if not as_json:
            remedy = f": {finding.remedy}" if finding.remedy else ""
            print(f"{'ok   ' if finding.ok else 'WRONG'} {finding.what}{remedy}", flush=True)
    if as_json:
        _say([finding.model_dump() for finding in found], as_json, [])
    raise typer.Exit(0 if all(finding.ok for finding in found) else 1)


# -- the service -------------------------------------------------------------------------------------------------------

@app.command()
def run(
    data: Data = None,
    dry_run: Annotated[bool, typer.Option(
        "--dry-run", help="Read what lies in the mailboxes, change nothing there, send nothing, print what would be "
                          "done, and end.")] = False,
    as_json: Json = False,
) -> None:
    """The whole service in one process: watchers, workers, what is due, web."""
    if dry_run:
        _dry_run(_settings(data), as_json)
        return
    _serve(data, watch=True, work=True, web=True, public=False)


@app.command()
def watch(data: Data = None) -> None:
    """Only the watchers of mailboxes and folders."""
    _serve(data, watch=True, work=False, web=False, public=False)


@app.command()
def work(data: Data = None) -> None:
    """Only the workers and what is due."""
    _serve(data, watch=False, work=True, web=False, public=False)


@app.command()
def web(
    data: Data = None,
    public: Annotated[bool, typer.Option("--public", help="The citizens' status page alone.")] = False,
) -> None:
    """Only the staff's pages, or only the citizens' status page."""
    _serve(data, watch=False, work=False, web=not public, public=public)


def _serve(data: Path | None, *, watch: bool, work: bool, web: bool, public: bool) -> None:
    configure_logs()
    with _office(data) as office:
        office.templates.check()
        service.run(office, watch=watch, work=work, web=web, public=public)


def _dry_run(settings: Settings, as_json: bool) -> None:
    """What one look at the real mailboxes would do, in a throwaway register beside the real one."""
    with tempfile.TemporaryDirectory(prefix=".dry-run-", dir=settings.data_dir) as folder:
        real = open_office(settings)

        def known(name: str, keys: Collection[str]) -> set[str]:
            with real.store.reading() as register:
                return register.arrivals.known(name, keys)

        trial = open_office(service.without_consequences(settings, Path(folder)))
        try:
            items = list(service.try_out(trial, known=known))
        finally:
            trial.close()
            real.close()
    shown = [export.as_dict(export.exported(item, charter=settings.charter)) for item in items]
    _say(shown, as_json, [*map(_dry_line, items), f"{len(items)} new; nothing was changed, nothing was sent"])


def _dry_line(item: Item) -> str:
    """What would have become of one item; no words of the citizen."""
    file = item.arrivals[0].file
    if item.entry is None or item.findings is None or item.decision is None:
        return f"{file} → set aside: {item.noncorrespondence_type or item.trouble}"
    letters = ", ".join(f"{one.type} by {one.channel}" for one in item.letters) or "no letter"
    due = item.entry.due.date.isoformat() if item.entry.due.date else "no term"
    return (f"{file} → {item.entry.registration_number}, {item.findings.kind.value}, {item.decision.outcome}, "
            f"due {due}, {item.entry.assigned_to.department}, {letters}")


@app.command()
def demo(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the staff's pages.")] = 8080,
    folder: Annotated[Path | None, typer.Option(
        "--folder", metavar="DIR", help="Where to keep the demo's data; default: a new folder under /tmp.")] = None,
) -> None:
    """A sample town with mail and scans coming in, the pages up, log-ins printed. Ctrl-C ends it."""
    configure_logs(level=logging.WARNING)
    run_demo(port=port, folder=folder)


# -- letters in, letters out -------------------------------------------------------------------------------------------

@app.command()
def intake(
    paths: Annotated[list[Path], typer.Argument(exists=True, readable=True, metavar="PATH…",
                                                help="Files, mailboxes (mbox, Maildir) or directories.")],
    data: Data = None,
    charter: Charter = None,
    channel: Annotated[Channel | None, typer.Option(
        "--channel", help="How they came; default: by the kind of file.")] = None,
    received_at: Annotated[datetime | None, typer.Option(
        "--received-at", parser=_moment, metavar="ISO", help="Date of receipt; default: that of the file.")] = None,
    no_letters: Annotated[bool, typer.Option("--no-letters", help="Write letters, but hold them.")] = False,
    as_json: Json = False,
) -> None:
    """Take files in, and wait until every one is registered or set aside."""
    with _office(data, charter=charter, letters=not no_letters) as office, _progress() as progress:
        taking = progress.add_task("taken in", total=None)
        reading = progress.add_task("left to do", total=None)
        filed = filing.file_all(
            office, files_in(paths, channel, received_at),
            on_taken=lambda count: progress.update(taking, completed=count),
            on_left=lambda left: progress.update(reading, completed=left))
    _say([one.model_dump(mode="json") for one in filed], as_json, [one.line() for one in filed])
    raise typer.Exit(0 if all(one.done for one in filed) else 1)


def _progress() -> Progress:
    """Moving counts, on a terminal only."""
    console = Console(stderr=True)
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console,
                    transient=True, disable=not console.is_terminal)


@app.command("export")
def export_command(
    data: Data = None,
    since: Annotated[date | None, typer.Option(
        "--since", parser=_day, metavar="DATE", help="First day of receipt.")] = None,
    until: Annotated[date | None, typer.Option(
        "--until", parser=_day, metavar="DATE", help="Last day of receipt.")] = None,
    form: Annotated[Format, typer.Option("--format")] = Format.JSONL,
    include_sealed: Annotated[bool, typer.Option(
        "--include-sealed", help="Whole items instead of stubs; noted in the history.")] = False,
) -> None:
    """Print every item, in order of receipt. ЕГН are masked."""
    with _office(data) as office:
        if include_sealed:
            export.note_sealed_export(office, OPERATOR)
        items = export.export_items(office, since=since, until=until, include_sealed=include_sealed)
        for text in export.as_csv(items) if form is Format.CSV else export.jsonl(items):
            sys.stdout.write(text)
        sys.stdout.flush()


# -- asking ------------------------------------------------------------------------------------------------------------

@app.command()
def deadline(
    kind: Annotated[Kind, typer.Option("--kind")],
    received: Annotated[datetime, typer.Option(
        "--received", parser=_moment, metavar="ISO", help="When it came; a date alone means noon.")],
    charter: Charter = None,
    matter: Annotated[Matter | None, typer.Option("--matter")] = None,
    extend: Annotated[bool, typer.Option("--extend", help="And what an extension would make of them.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Both due dates, how they were counted and on what basis."""
    rules, charter, extra = _rules(data, charter)
    pack = load_pack(rules, charter)
    calendar = WorkingCalendar((*pack.extra_non_working, *extra))
    due = due_for_kind(kind, matter, channel=Channel.EMAIL, received_at=received, registered_at=received, pack=pack,
                       calendar=calendar)
    value: dict[str, Any] = {
        "charter": charter, "kind": kind, "matter": matter, "received_at": export.in_sofia(received),
        "due": export.exported_due(due).model_dump(mode="json")}
    lines = list(_due_lines(value["due"]))
    if pack.incomplete and due.charter is None:
        lines.append("  Публикуваният текст на хартата е непълен: дали обещава друг срок, не се знае.")
    value["duties"] = [{"name": duty.name, "date": duty.clock.date.isoformat(), "basis": duty.clock.basis,
                        "explanation": duty.clock.explanation} for duty in due.duties]
    lines += [f"  {DUTIES.get(duty.name, duty.name)}: {duty.clock.date} ({duty.clock.basis}): {duty.clock.explanation}"
              for duty in due.duties]
    if extend:
        longer = extension_for(due, kind, matter, pack=pack, calendar=calendar)
        value["extension"] = {
            "allowed": longer.allowed, "by_superior_body": longer.by_superior_body, "basis": longer.basis,
            "until": longer.until.isoformat() if longer.allowed else None, "explanation": longer.explanation,
            "due": export.exported_due(longer.due).model_dump(mode="json")}
        lines += [f"Удължаване: {longer.explanation} ({longer.basis})", *_due_lines(value["extension"]["due"])]
    _say(value, as_json, lines)


def _rules(data: Path | None, charter: str | None) -> tuple[Path, str, tuple[date, ...]]:
    """The rules of the data directory where there is one, else those that come with the program."""
    if data is None and "MAILROOM_DATA" not in os.environ and not Path(CONFIG_NAME).is_file():
        if charter is None:
            raise Misconfigured("no charter is named: add --charter ID, or --data DIR")
        return packaged("rules"), charter, ()
    settings = _settings(data, charter)
    return settings.rules, settings.charter, settings.extra_non_working


def _due_lines(due: dict[str, Any]) -> Iterator[str]:
    yield f"Срок: {due['date'] or 'няма'}"
    if due["charter"]:
        yield f"  по хартата: {due['charter']['date']} ({due['charter']['clause']}): {due['charter']['explanation']}"
    if due["statute"]:
        yield f"  по закона: {due['statute']['date']} ({due['statute']['basis']}): {due['statute']['explanation']}"


@app.command()
def explain(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Registration or case number.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Why an item was decided as it was: facts, evidence, clause, terms, letters."""
    with _office(data) as office:
        with office.store.reading() as register:
            item_id = register.items.by_number(number)
            item = register.items.get(item_id) if item_id is not None else None
            history = register.history.of(item_id) if item_id is not None else ()
        if item is None:
            raise BadRequest(f"there is no item with the number „{number}“: „mailroom export“ lists them")
        value = export.as_dict(export.exported(item, charter=office.pack.id))
        if not item.sealed:
            value["checks"] = [check.model_dump(mode="json") for check in item.verdict.checks] if item.verdict else []
            value["history"] = [line.model_dump(mode="json") for line in history]
        _say(value, as_json, explanation(item, history, office.pack))


@app.command("report")
def report_command(
    year: Annotated[int | None, typer.Option(
        "--year", min=2000, max=2999, metavar="YEAR", help="Default: this year.")] = None,
    month: Annotated[int | None, typer.Option(
        "--month", min=1, max=12, metavar="1-12", help="One month of it; default: the whole year.")] = None,
    public: Annotated[bool, typer.Option(
        "--public", help="The version that the town can publish: nobody can be recognised by it.")] = False,
    form: Annotated[ReportFormat | None, typer.Option(
        "--format", help="Default: by the ending of FILE, else csv.")] = None,
    out: Annotated[Path | None, typer.Option(
        "--out", metavar="FILE", dir_okay=False, help="Default: standard output.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The report on a year or a month: in and out, terms kept, decisions, satisfaction."""
    ending = out.suffix.removeprefix(".").lower() if out else ""
    chosen = ReportFormat.JSON if as_json else form or (
        ReportFormat(ending) if ending in set(ReportFormat) else ReportFormat.CSV)
    with _office(data) as office:
        counting.count(office)
        period = period_of(year or office.now().astimezone(SOFIA).year, month)
        text = REPORT_WRITERS[chosen](counting.report(office, period, public=public))
    if out is None:
        sys.stdout.write(text.removeprefix(BOM))
        sys.stdout.flush()
    else:
        out.write_text(text, "utf-8", newline="")


@app.command("learn")
def learn_command(data: Data = None, as_json: Json = False) -> None:
    """What the staff's corrections teach: where the finders are wrong, and words to add. Done every night by itself."""
    with _office(data) as office:
        lesson = learn(office)
        _say(lesson.model_dump(mode="json", exclude={"model"}), as_json, lesson_lines(lesson))


@app.command()
def digest(
    on: Annotated[date | None, typer.Option(
        "--date", parser=_day, metavar="DATE", help="The morning; default: today.")] = None,
    show: Annotated[bool, typer.Option("--print", help="Print it (the default).")] = False,
    send: Annotated[bool, typer.Option("--send", help="Put it into the outbox, once a day.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The mayor's office digest."""
    if show and send:
        raise typer.BadParameter("--print and --send exclude each other")
    with _office(data) as office:
        day = on or office.now().astimezone(SOFIA).date()
        if send:
            queued = morning.send_digest(office, day)
            if not queued and not office.settings.digest.recipients:
                raise Misconfigured(f"{office.settings.data_dir / CONFIG_NAME}: [digest] recipients is empty: name who "
                                    "gets the digest")
            _say({"date": day.isoformat(), "queued": queued}, as_json,
                 ["queued; „mailroom run“ sends it" if queued else f"the digest of {day} was queued before"])
            return
        draft = digest_letter(office, day)
        _say({"date": day.isoformat(), "subject": draft.subject, "text": draft.text}, as_json,
             [draft.subject, "", draft.text])


@letter.command("preview")
def letter_preview(
    template: Annotated[LetterType, typer.Argument(
        metavar="TEMPLATE", help="Name of a folder under templates/: acknowledgement, extension, …")],
    number: Annotated[str | None, typer.Option(
        "--number", metavar="N", help="About this item; default: an invented one.")] = None,
    pdf: Annotated[Path | None, typer.Option(
        "--pdf", metavar="FILE", help="Write the page as it would be printed.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """A letter as the citizen would see it; nothing is sent."""
    with _office(data) as office:
        draft = preview(office, template, number)
    if pdf is not None:
        pdf.write_bytes(page_pdf(draft.page_html))
    _say({"to": draft.to, "channel": draft.channel, "subject": draft.subject, "text": draft.text, "html": draft.html,
          "pdf": str(pdf) if pdf else None}, as_json, [draft.subject, "", draft.text])


@app.command()
def separators(
    file: Annotated[Path, typer.Argument(metavar="FILE.pdf", dir_okay=False)],
    count: Annotated[int, typer.Option("--count", min=1, max=MOST_SHEETS, metavar="N", help="How many sheets.")] = 10,
    as_json: Json = False,
) -> None:
    """Write separator sheets to print: laid between two letters, each tells where the next one begins."""
    file.write_bytes(separators_pdf(count))
    _say({"file": str(file), "sheets": count}, as_json, [
        f"{file}: {count} separator sheets; print them, and lay one between two letters before scanning"])


# -- staff -------------------------------------------------------------------------------------------------------------

@users.command("add")
def users_add(
    login: str,
    name: Annotated[str, typer.Option("--name", help="As it stands in the history.")],
    role: Annotated[Role, typer.Option("--role")],
    officer: Annotated[str | None, typer.Option("--officer", metavar="ID", help="Officer of the rule pack.")] = None,
    department: Annotated[str | None, typer.Option(
        "--department", metavar="ID", help="Department of the rule pack.")] = None,
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="Where news for this person goes.")] = "",
    password_file: PasswordFile = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a log-in."""
    with _office(data) as office:
        _check_reference("officer", officer, {one.id for one in office.pack.officers})
        _check_reference("department", department, {one.id for one in office.pack.departments})
        password = _password(password_file)
        staff = Staff(login=login, name=name, role=role, officer_id=officer, department_id=department, email=email)
        with office.store.transaction() as register:
            register.people.add(staff, hash_password(password))
            register.history.note("user_added", who=OPERATOR, at=office.now(), login=login, role=role)
    _tell_password(login, password, password_file, as_json)


@users.command("passwd")
def users_passwd(login: str, password_file: PasswordFile = None, data: Data = None, as_json: Json = False) -> None:
    """Give somebody a new password, and end their open log-ins."""
    password = _password(password_file)
    with _office(data) as office, office.store.transaction() as register:
        register.people.set_password_hash(login, hash_password(password))
        register.history.note("user_password", who=OPERATOR, at=office.now(), login=login)
    _tell_password(login, password, password_file, as_json)


@users.command("disable")
def users_disable(login: str, data: Data = None) -> None:
    """Let somebody log in no more; the history keeps the name."""
    with _office(data) as office, office.store.transaction() as register:
        register.people.disable(login)
        register.history.note("user_disabled", who=OPERATOR, at=office.now(), login=login)
    print(f"{login} may not log in any more")


@users.command("list")
def users_list(data: Data = None, as_json: Json = False) -> None:
    """Everybody with a log-in."""
    with _office(data) as office, office.store.reading() as register:
        staff = register.people.all()
    _say([one.model_dump(mode="json") for one in staff], as_json,
         [f"{one.login:16} {one.role:12} {'' if one.active else '(disabled) '}{one.name}" for one in staff])


@tokens.command("add")
def tokens_add(
    name: Annotated[str, typer.Argument(help="The system that gets it, as people call it.")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="What it may do; may be given twice.")],
    department: Annotated[str | None, typer.Option(
        "--department", metavar="ID", help="Only letters of this department of the rule pack.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=LONGEST_DAYS, help="How long it is good.")] = 365,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a key for another system; its secret is shown once."""
    with _office(data) as office:
        _check_reference("department", department, {one.id for one in office.pack.departments})
        made, secret = make_key(office, OPERATOR, name, scope, department_id=department, days=days)
    _say({**made.model_dump(mode="json"), "secret": secret}, as_json,
         [f"{made.id} {made.name}: {secret}   (shown this once; good until {made.expires_at:%Y-%m-%d})"])


@tokens.command("revoke")
def tokens_revoke(number: Annotated[int, typer.Argument(metavar="NUMBER")], data: Data = None) -> None:
    """Take a key back."""
    with _office(data) as office:
        gone = revoke_key(office, OPERATOR, number)
    print(f"{gone.id} {gone.name}: opens nothing any more")


@tokens.command("list")
def tokens_list(data: Data = None, as_json: Json = False) -> None:
    """Every key that ever was."""
    with _office(data) as office, office.store.reading() as register:
        known, now = register.tokens.all(), office.now()
    _say([one.model_dump(mode="json") for one in known], as_json, [
        f"{one.id:4} {'revoked' if one.revoked_at else 'expired' if one.expires_at <= now else 'good   '} "
        f"until {one.expires_at:%Y-%m-%d}  {'+'.join(one.scopes):14} {one.department_id or 'all':14} {one.name}"
        for one in known])


def _check_reference(what: str, wanted: str | None, known: Collection[str]) -> None:
    if wanted is not None and wanted not in known:
        raise typer.BadParameter(f"there is no {what} „{wanted}“ in the rule pack: one of {', '.join(sorted(known))}")


def _password(file: Path | None) -> str:
    """From the file, from standard input, or made up."""
    if file is None:
        return secrets.token_urlsafe(PASSWORD_OCTETS)
    text = sys.stdin.readline() if str(file) == "-" else file.read_text("utf-8").partition("\n")[0]
    password = text.rstrip("\r\n")
    if not password:
        raise typer.BadParameter(f"the password in {file} is empty: write it on the first line")
    return password


def _tell_password(login: str, password: str, file: Path | None, as_json: bool) -> None:
    """A made-up password is shown this once; one that was given is not repeated."""
    made = password if file is None else None
    _say({"login": login, "password": made}, as_json,
         [f"{login}: password set" if made is None else f"{login} / {made}   (shown this once)"])


# -- keeping -----------------------------------------------------------------------------------------------------------

@app.command()
def backup(file: Annotated[Path, typer.Argument(metavar="FILE")], data: Data = None, as_json: Json = False) -> None:
    """Write all that is needed to start again elsewhere into one file; the service may be running."""
    settings = _settings(data)
    if settings.database_url:
        raise Misconfigured("database_url: the register lies on a server: take it with pg_dump, and the folder "
                            f"{settings.originals_dir} with it")
    own = tuple(folder for folder in (settings.rules_dir, settings.templates_dir, settings.local_lexicon)
                if folder and folder.is_dir() and folder.is_relative_to(settings.data_dir))
    made = write_backup(file, data_dir=settings.data_dir, database=settings.data_dir / REGISTER, extra=own,
                        now=datetime.now(SOFIA))
    outside = [str(folder) for folder in (settings.rules_dir, settings.templates_dir) if folder and folder not in own]
    _say({"file": str(file), **made.model_dump()}, as_json, [
        f"{file}: register and {made.originals} originals; it holds citizens' letters: keep it where only you can read",
        *(f"not inside, as it lies outside the data directory: {folder}" for folder in outside)])
    _complain_of_originals(made.damaged)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    data: Annotated[Path | None, typer.Option(
        "--data", metavar="DIR", help="An empty or new folder; default: $MAILROOM_DATA, else the current one.")] = None,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty data directory, and verify it."""
    folder = data or Path(os.environ.get("MAILROOM_DATA", "."))
    restored = read_backup(file, folder.resolve())
    with _office(folder) as office, office.store.reading() as register:
        faults = [*register.entries.faults(), *register.history.faults()]
    _say({"data": str(folder), "faults": faults, **restored.model_dump()}, as_json, [
        f"{folder}: register and {restored.originals} originals of {restored.made_at}",
        *(faults or ["verified: numbers, history and originals are whole"]),
        "Passwords are not in a backup: give the secrets again, then „mailroom check“."])
    _complain_of_originals(restored.damaged)
    raise typer.Exit(1 if faults else 0)


def _complain_of_originals(damaged: tuple[str, ...]) -> None:
    if damaged:
        raise BadRequest(f"{len(damaged)} originals are missing or changed, the first is {damaged[0]}: take them from "
                         "an older backup")


@app.command()
def verify(data: Data = None, as_json: Json = False) -> None:
    """Prove the register: numbers, originals, history chain, mail servers against register."""
    with _office(data) as office:
        found = verify_register(office)
    _say(found.model_dump(), as_json, [
        *(f"WRONG {fault}" for fault in found.faults), *(f"note  {note}" for note in found.notes),
        f"{'ok   ' if not found.faults else 'looked at'} numbers, history, {found.originals} originals, "
        f"{found.sources} sources"])
    raise typer.Exit(1 if found.faults else 0)


