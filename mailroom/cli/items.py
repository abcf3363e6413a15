"""Commands about letters: taking in, telling, counting terms, reports, letters and sheets to print."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mailroom import counting, export, filing, morning
from mailroom.charter.pack import load_pack
from mailroom.cli.app import app, letter
from mailroom.cli.common import OPERATOR, Charter, Data, Json, day, moment, say, settings_of
from mailroom.cli.offices import office_of
from mailroom.config import CONFIG_NAME, packaged
from mailroom.correspondence.pdf import page_pdf
from mailroom.errors import BadRequest, Misconfigured
from mailroom.explain import explanation
from mailroom.learning.night import learn
from mailroom.learning.telling import lesson_lines
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA
from mailroom.model.findings import Kind, Matter
from mailroom.model.outgoing import LetterType
from mailroom.preview import digest_letter, preview
from mailroom.registration.calendar import WorkingCalendar
from mailroom.registration.terms import due_for_kind, extension_for
from mailroom.registration.words import DUTIES
from mailroom.reporting.report import period_of
from mailroom.reporting.table import Report, as_dict
from mailroom.separators import separators_pdf
from mailroom.sources.upload import files_in
from mailroom.web.figures import BOM, csv_with_bom, html_alone

MOST_SHEETS = 500


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


@app.command()
def intake(
    paths: Annotated[list[Path], typer.Argument(exists=True, readable=True, metavar="PATH…",
                                                help="Files, mailboxes (mbox, Maildir) or directories.")],
    data: Data = None,
    charter: Charter = None,
    channel: Annotated[Channel | None, typer.Option(
        "--channel", help="How they came; default: by the kind of file.")] = None,
    received_at: Annotated[datetime | None, typer.Option(
        "--received-at", parser=moment, metavar="ISO", help="Date of receipt; default: that of the file.")] = None,
    no_letters: Annotated[bool, typer.Option("--no-letters", help="Write letters, but hold them.")] = False,
    as_json: Json = False,
) -> None:
    """Take files in, and wait until every one is registered or set aside."""
    with office_of(data, charter=charter, letters=not no_letters) as office, _progress() as progress:
        taking = progress.add_task("taken in", total=None)
        reading = progress.add_task("left to do", total=None)
        filed = filing.file_all(
            office, files_in(paths, channel, received_at),
            on_taken=lambda count: progress.update(taking, completed=count),
            on_left=lambda left: progress.update(reading, completed=left))
    say([one.model_dump(mode="json") for one in filed], as_json, [one.line() for one in filed])
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
        "--since", parser=day, metavar="DATE", help="First day of receipt.")] = None,
    until: Annotated[date | None, typer.Option(
        "--until", parser=day, metavar="DATE", help="Last day of receipt.")] = None,
    form: Annotated[Format, typer.Option("--format")] = Format.JSONL,
    include_sealed: Annotated[bool, typer.Option(
        "--include-sealed", help="Whole items instead of stubs; noted in the history.")] = False,
) -> None:
    """Print every item, in order of receipt. ЕГН are masked."""
    with office_of(data) as office:
        if include_sealed:
            export.note_sealed_export(office, OPERATOR)
        items = export.export_items(office, since=since, until=until, include_sealed=include_sealed)
        for text in export.as_csv(items) if form is Format.CSV else export.jsonl(items):
            sys.stdout.write(text)
        sys.stdout.flush()


@app.command()
def deadline(
    kind: Annotated[Kind, typer.Option("--kind")],
    received: Annotated[datetime, typer.Option(
        "--received", parser=moment, metavar="ISO", help="When it came; a date alone means noon.")],
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
    say(value, as_json, lines)


def _rules(data: Path | None, charter: str | None) -> tuple[Path, str, tuple[date, ...]]:
    """The rules of the data directory where there is one, else those that come with the program."""
    if data is None and "MAILROOM_DATA" not in os.environ and not Path(CONFIG_NAME).is_file():
        if charter is None:
            raise Misconfigured("no charter is named: add --charter ID, or --data DIR")
        return packaged("rules"), charter, ()
    settings = settings_of(data, charter)
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
    with office_of(data) as office:
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
        say(value, as_json, explanation(item, history, office.pack))


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
    with office_of(data) as office:
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
    with office_of(data) as office:
        lesson = learn(office)
        say(lesson.model_dump(mode="json", exclude={"model"}), as_json, lesson_lines(lesson))


@app.command()
def digest(
    on: Annotated[date | None, typer.Option(
        "--date", parser=day, metavar="DATE", help="The morning; default: today.")] = None,
    show: Annotated[bool, typer.Option("--print", help="Print it (the default).")] = False,
    send: Annotated[bool, typer.Option("--send", help="Put it into the outbox, once a day.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """The mayor's office digest."""
    if show and send:
        raise typer.BadParameter("--print and --send exclude each other")
    with office_of(data) as office:
        day = on or office.today()
        if send:
            queued = morning.send_digest(office, day)
            if not queued and not office.settings.digest.recipients:
                raise Misconfigured(f"{office.settings.data_dir / CONFIG_NAME}: [digest] recipients is empty: name who "
                                    "gets the digest")
            say({"date": day.isoformat(), "queued": queued}, as_json,
                 ["queued; „mailroom run“ sends it" if queued else f"the digest of {day} was queued before"])
            return
        draft = digest_letter(office, day)
        say({"date": day.isoformat(), "subject": draft.subject, "text": draft.text}, as_json,
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
    with office_of(data) as office:
        draft = preview(office, template, number)
    if pdf is not None:
        pdf.write_bytes(page_pdf(draft.page_html))
    say({"to": draft.to, "channel": draft.channel, "subject": draft.subject, "text": draft.text, "html": draft.html,
          "pdf": str(pdf) if pdf else None}, as_json, [draft.subject, "", draft.text])


@app.command()
def separators(
    file: Annotated[Path, typer.Argument(metavar="FILE.pdf", dir_okay=False)],
    count: Annotated[int, typer.Option("--count", min=1, max=MOST_SHEETS, metavar="N", help="How many sheets.")] = 10,
    as_json: Json = False,
) -> None:
    """Write separator sheets to print: laid between two letters, each tells where the next one begins."""
    file.write_bytes(separators_pdf(count))
    say({"file": str(file), "sheets": count}, as_json, [
        f"{file}: {count} separator sheets; print them, and lay one between two letters before scanning"])
