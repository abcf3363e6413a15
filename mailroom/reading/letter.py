"""Original octets to a Letter: the order in which a clerk opens the post. Start here.

1. What is it? By content, never by name.
2. A mail: header and body (email.py). A bounce keeps its report. A forward gives the letter inside and the covering
   note (attached mail before inline text). A contact form gives its fields and its message. History and the telephone's
   signature are taken off. Files are opened where the body is empty or points to them.
3. Paper: the pages are the letter. Scans sent by mail are paper, each file a letter of its own.
4. What could not be read is a fault with a sentence; where it matters, `legible` is false and a person types.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mailroom.mediatype import EML, EMPTY, MSG, SCAN_TYPES, media_type_of
from mailroom.model.arrival import Channel
from mailroom.model.letter import Attachment, Fault, Letter, MailHead
from mailroom.reading.archives import holds_program
from mailroom.reading.charset import clean_text
from mailroom.reading.devices import written_by_device
from mailroom.reading.documents import Document, is_archive, is_readable, read_document
from mailroom.reading.email import File, Mail, mail_from_msg, parse_mail, safe_name
from mailroom.reading.faults import fault, unique
from mailroom.reading.forms import find_form
from mailroom.reading.forwarding import Forward, find_forward
from mailroom.reading.legibility import judge_pages, mean_confidence
from mailroom.reading.options import ReadingOptions
from mailroom.reading.quoting import divide
from mailroom.reading.scans import count_pages, documents_among, scans_of
from mailroom.reading.signatures import Signed, pdf_signatures
from mailroom.reading.substance import is_substance
from mailroom.reading.trust import judged

_HEADER_SOMEWHERE = re.compile(rb"^(?:subject|from|received|to|date|mime-version|message-id)[ \t]*:", re.I | re.M)
_COVERING_WORDS = 40
"""So many words above a forward are a covering note; a citizen who writes more has written a letter."""
_COMMENT_WORDS = 10
_PASSES_ON = re.compile(
    r"пре(?:пра|на|ад)\w*|изпра(?:щ|т)\w*|насочва\w*|компетентно\w*|завежд\w*|заведе\w*|регистрир\w*|сведение|разпредел\w*|"
    r"получен\w*|получихме|постъпи\w*|приложен\w*|по-долу|отдолу|долното|forward\w*|fwd?\b|below", re.I)
"""Words of those who pass a letter on."""
_SHORT_WORDS = 40
_UNSURE = frozenset({"poor_scan", "handwriting"})
_POINTS = re.compile(
    r"прилож|прикач|прикрепен|прилага|в прикач|attach|enclos|файл|документ", re.I)
_NAMES_A_LETTER = re.compile(
    r"жалба|сигнал|заявлени|молба|писмо|искане|предложени|запитван|възражени|становищ|покана|уведомлени|"
    r"letter|complaint|request|application|виж(?:те)?\b", re.I)
_TYPED = frozenset({Channel.EMAIL, Channel.PORTAL, Channel.PHONE})
"""Channels whose letter is the message itself; by any other a message only carries what was scanned."""
_DEEPEST_FORWARD = 5
_PROVIDERS = frozenset({"abv.bg", "mail.bg", "dir.bg", "gbg.bg", "gmail.com", "yahoo.com", "outlook.com", "hotmail.com",
                        "icloud.com", "proton.me"})


def read_letter(content: bytes, channel: Channel, options: ReadingOptions,
                part_pages: tuple[int, ...] | None = None) -> Letter:
    """Read a letter. Never fails for any octets: what cannot be read becomes faults.

    `part_pages` are the pages of the file that make this letter, 1-based; null for all of them and for mail.
    """
    media_type = media_type_of(content)
    if media_type == EMPTY or not content.strip(b"\x00\r\n\t "):
        return Letter(channel=channel, media_type=media_type, faults=(fault("empty_file"),), legible=False)
    mail = _mail_in(content, media_type, channel)
    if mail is None and media_type == MSG:
        return Letter(channel=channel, media_type=media_type, faults=(fault("damaged_outlook"),), legible=False)
    if mail is None:
        document = read_document(content, media_type, options, wanted=part_pages)
        letter = _from_document(document, channel, media_type, options)
        return letter.model_copy(update={"signatures": judged(pdf_signatures(content), options.trusted)})
    if channel not in _TYPED and scans_of(mail):
        return _from_scans(mail, channel, media_type, options, part_pages)
    return _from_mail(mail, channel, media_type, options)


def attachment_bytes(content: bytes, sha256: str) -> bytes | None:
    """The octets of the attachment with this digest inside an original mail, however deep; null when not there."""
    mail = _mail_in(content, media_type_of(content), Channel.EMAIL)
    return None if mail is None else next(
        (octets for octets in _all_octets(mail) if hashlib.sha256(octets).hexdigest() == sha256), None)


def _all_octets(mail: Mail) -> Iterable[bytes]:
    for file in mail.files:
        yield file.content
    for inner in mail.mails:
        yield inner.octets
        yield from _all_octets(inner)


def _mail_in(content: bytes, media_type: str, channel: Channel) -> Mail | None:
    """The mail that this content is, or null. A damaged header that libmagic takes for plain text is still a mail's."""
    if media_type == MSG:
        return mail_from_msg(content)
    damaged = channel is Channel.EMAIL and media_type.startswith("text/") and len(
        _HEADER_SOMEWHERE.findall(content[:8192].replace(b"\r", b"\n"))) >= 2
    return parse_mail(content) if media_type == EML or damaged else None


# ---- paper -----------------------------------------------------------------------------------------------------------


def _from_document(document: Document, channel: Channel, media_type: str, options: ReadingOptions) -> Letter:
    """A letter that is one file: a scan, a PDF, an office document."""
    doubt = judge_pages(document.pages, lowest=options.legible_confidence)
    faults = [*document.faults, *([doubt] if doubt else [])]
    return Letter(channel=channel, media_type=media_type, text=document.text, pages=document.pages,
                  faults=unique(faults), legible=document.readable and doubt is None and (
                      bool(document.text.strip()) or not faults),
                  ocr_confidence=mean_confidence(document.pages))


def _from_scans(mail: Mail, channel: Channel, media_type: str, options: ReadingOptions,
                part_pages: tuple[int, ...] | None) -> Letter:
    """What a scanner has mailed: paper, of which each file is a letter of its own, as if a separator sheet lay between.

    The mail's header and body are the machine's and say nothing of the citizen; the header is left out.
    """
    scans = scans_of(mail)
    read = _read_scans(scans, options, part_pages)
    together = documents_among(scans) if part_pages is None else (scans,)
    letters = [_of_scanner(_from_document(_as_one([next(read) for _ in files]), channel, media_type, options), mail,
                           files) for files in together]
    if len(letters) == 1:
        return letters[0]
    return letters[0].model_copy(update={
        "text": _joined(*(letter.text for letter in letters)), "files": tuple(letters),
        "pages": tuple(page for letter in letters for page in letter.pages),
        "faults": unique([found for letter in letters for found in letter.faults]),
        "legible": all(letter.legible for letter in letters)})


def _read_scans(scans: tuple[File, ...], options: ReadingOptions, part_pages: tuple[int, ...] | None) -> Iterator[
        Document]:
    """Each file read, its pages numbered on from those of the file before."""
    before = 0
    for scan in scans:
        count = min(count_pages(scan.content), options.max_pages)
        wanted = None if part_pages is None else tuple(
            number - before for number in part_pages if before < number <= before + count)
        yield _numbered(_read_scan(scan, options, wanted), before)
        before += count


def _read_scan(scan: File, options: ReadingOptions, wanted: tuple[int, ...] | None) -> Document:
    if not scan.content.strip(b"\x00\r\n\t "):
        return Document(faults=(fault("empty_file"),), readable=False)
    if wanted == ():
        return Document()
    document = read_document(scan.content, scan.media_type, options, filename=scan.filename, wanted=wanted)
    return document if scan.media_type in SCAN_TYPES else replace(document, pages=())


def _numbered(document: Document, before: int) -> Document:
    """The document with its pages, and the faults that name them, counted through all files of the mail."""
    return replace(
        document, pages=tuple(page.model_copy(update={"number": before + page.number}) for page in document.pages),
        faults=tuple(found if found.page is None else fault(found.code, page=before + found.page)
                     for found in document.faults))


def _as_one(documents: list[Document]) -> Document:
    """Files that are one document: their words and pages, one after the other."""
    return Document(text=_joined(*(document.text for document in documents)),
                    pages=tuple(page for document in documents for page in document.pages),
                    faults=tuple(found for document in documents for found in document.faults),
                    readable=all(document.readable for document in documents))


def _of_scanner(letter: Letter, mail: Mail, files: tuple[File, ...]) -> Letter:
    """With what the mail tells of it. Two copies of one mail are told by its Message-ID with its content; sheets
    without a word on them are as blank as from a scan folder, whatever the machine writes along."""
    name, content = mail.head.message_id, mail.content_sha256
    told = {"content_sha256": hashlib.sha256(f"{name}\n{content}".encode()).hexdigest() if name and content else "",
            "has_html": mail.has_html}
    if letter.pages and not letter.content_pages and not letter.faults:
        return letter.model_copy(update=told)
    return letter.model_copy(update={**told, "attachments": tuple(map(_attachment, files)),
                                     "covering_note": mail.text})


# ---- mail ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Words:
    """What a mail says, found behind forwards, forms and history."""

    text: str
    quoted: str = ""
    covering: str = ""
    forwarded: MailHead | None = None
    form_fields: dict[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    signatures: tuple[Signed, ...] = ()
    faults: tuple[Fault, ...] = ()


def _from_mail(mail: Mail, channel: Channel, media_type: str, options: ReadingOptions) -> Letter:
    words = _report_words(mail) if mail.report else _words(mail, 0)
    if words.files and written_by_device(words.text):
        words = replace(words, text="", covering=_joined(words.covering, words.text))
    attachments = tuple(_attachment(file) for file in words.files if is_substance(file))
    faults = [*mail.faults, *words.faults]
    if any(is_archive(file.media_type, file.filename) and holds_program(file.content) for file in words.files):
        faults.append(fault("program_inside"))
    legible = True
    text = words.text
    if attachments and not mail.report and (not text.strip() or _points_to_files(text, words.files)):
        attachments, read = _read_attachments(words.files, options)
        text = _with_attached_letter(text, attachments)
        faults += read
        legible = bool(text.strip()) and not (not words.text.strip() and any(f.code in _UNSURE for f in read))
        faults += [] if text.strip() or read else [fault("no_text")]
    elif not text.strip() and "sealed_mail" in {f.code for f in faults}:
        legible = False
    pages = tuple(page for attachment in attachments for page in attachment.pages)
    signed = (*mail.signatures, *words.signatures,
              *(found for file in words.files for found in pdf_signatures(file.content, file.filename)))
    return Letter(channel=channel, media_type=media_type, subject=mail.subject, text=text, quoted=words.quoted,
                  covering_note=words.covering, head=mail.head, forwarded=words.forwarded,
                  form_fields=words.form_fields, calendar_method=mail.calendar_method, report=mail.report,
                  has_html=mail.has_html, signatures=judged(signed, options.trusted),
                  attachments=attachments, faults=unique(faults), legible=legible,
                  ocr_confidence=mean_confidence(pages), content_sha256=mail.content_sha256)


def _report_words(mail: Mail) -> _Words:
    return _Words(text=mail.text, quoted=mail.returned, files=mail.files)


def _words(mail: Mail, depth: int) -> _Words:
    """The letter's words: of an attached mail, of a forward in the text, or of the body itself."""
    if mail.mails and depth < _DEEPEST_FORWARD and _is_covering(mail, divide(mail.text).own):
        return _attached_words(mail, depth)
    forward = find_forward(mail.text, mail.subject)
    if forward and not forward.announced and not forward.covering and find_form(mail.text):
        forward = None  # a form's own fields „От:“ and „Относно:“
    attached = tuple(_as_file(inner, at) for at, inner in enumerate(mail.mails, 1))
    if forward and _is_covering(mail, divide(forward.covering).own, inside=forward.inside):
        return replace(_forwarded_words(forward, depth), files=mail.files + attached)
    return replace(_own_words(mail.text), files=mail.files + attached)


def _own_words(text: str) -> _Words:
    form = find_form(text)
    if form:
        divided = divide(form.message)
        return _Words(text=divided.own, quoted=divided.quoted, form_fields=form.fields)
    divided = divide(text)
    return _Words(text=divided.own, quoted=divided.quoted)


def _attached_words(mail: Mail, depth: int) -> _Words:
    """The first attached mail is the letter; what else is attached comes with it."""
    first, *others = mail.mails
    inner = _words(first, depth + 1)
    files = inner.files + mail.files + tuple(_as_file(other, at) for at, other in enumerate(others, 2))
    return replace(inner, covering=_joined(mail.text, inner.covering), forwarded=inner.forwarded or first.head,
                   files=files, signatures=(*inner.signatures, *first.signatures),
                   faults=(*first.faults, *inner.faults))


def _forwarded_words(forward: Forward, depth: int) -> _Words:
    """The words inside a forward, which may hold another one."""
    inner = find_forward(forward.inside, forward.head.first("subject")) if depth < _DEEPEST_FORWARD else None
    if inner and _is_short(divide(inner.covering).own):
        deeper = _forwarded_words(inner, depth + 1)
        return replace(deeper, covering=_joined(forward.covering, deeper.covering))
    return replace(_own_words(forward.inside), covering=divide(forward.covering).own, forwarded=forward.head)


def _is_covering(mail: Mail, above: str, *, inside: str | None = None) -> bool:
    """Whether what stands above a forward only passes it on: little of it, or written inside the municipality."""
    if inside is not None and not inside.strip():
        return False
    return (_is_short(above) and not _comments(above)) or _is_internal(mail.head)


def _comments(above: str) -> bool:
    """Whether somebody says something of their own about what they forward, and does not only pass it on."""
    return len(above.split()) >= _COMMENT_WORDS and not _PASSES_ON.search(above)


def _is_short(text: str) -> bool:
    return len(text.split()) <= _COVERING_WORDS


def _is_internal(head: MailHead) -> bool:
    """Sender and recipient in one domain, and not at one of the mail providers that half the country uses."""
    def domains(boxes: Iterable[str]) -> set[str]:
        return {address.rpartition("@")[2].lower() for address in boxes if "@" in address}

    shared = domains(b.address for b in head.from_) & domains(b.address for b in (*head.to, *head.cc))
    return bool(shared - _PROVIDERS)


def _joined(*texts: str) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())


def _as_file(mail: Mail, position: int) -> File:
    name = safe_name(f"{mail.subject}.eml" if mail.subject else "", position, EML)
    return File(filename=name, declared_type=EML, media_type=EML, content=mail.octets, inline=False, referenced=False)


# ---- attachments -----------------------------------------------------------------------------------------------------


def _attachment(file: File, document: Document | None = None) -> Attachment:
    return Attachment(filename=file.filename, media_type=file.media_type, declared_type=file.declared_type,
                      size=len(file.content), sha256=hashlib.sha256(file.content).hexdigest(), inline=file.inline,
                      text=document.text or None if document else None, pages=document.pages if document else ())


def _points_to_files(text: str, files: tuple[File, ...]) -> bool:
    """A short body that speaks of what is attached, or that names a letter („представяме молба“) and has a document
    with it; a photograph alone is no letter."""
    if len(text.split()) > _SHORT_WORDS:
        return False
    documents = any(is_readable(f.media_type, f.filename) and not f.media_type.startswith("image/") for f in files)
    return bool(_POINTS.search(text)) or (documents and bool(_NAMES_A_LETTER.search(text)))


def _read_attachments(files: tuple[File, ...], options: ReadingOptions) -> tuple[tuple[Attachment, ...], list[Fault]]:
    attachments, faults = [], []
    for file in files:
        if not is_substance(file):
            continue
        document = read_document(file.content, file.media_type, options, filename=file.filename)
        doubt = judge_pages(document.pages, lowest=options.legible_confidence)
        faults += [*document.faults, *([doubt] if doubt else [])]
        if doubt and doubt.code == "no_text":
            document = replace(document, text="",
                               pages=tuple(page.model_copy(update={"text": ""}) for page in document.pages))
        attachments.append(_attachment(file, document))
    return tuple(attachments), faults


def _with_attached_letter(text: str, attachments: tuple[Attachment, ...]) -> str:
    """The body, and the attached letter's words after it where the body is empty or says that one is attached."""
    if text.strip() and not _NAMES_A_LETTER.search(text):
        return text
    return clean_text(_joined(text, *(attachment.text or "" for attachment in attachments)))
