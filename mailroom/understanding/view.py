"""A letter prepared for the finders: its text in words and lines, its title, and every cue of the lexicon in it.

What every finder agrees on stands here: which text is the citizen's, where its head and tail are, what counts as the
title, which mail address and name the header gives.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from mailroom.folding import Words, plain, repair_lookalikes, spaced_out, take_apart
from mailroom.model.findings import Evidence, Found, Script
from mailroom.model.letter import Letter, Mailbox, MailHead, TextSource
from mailroom.model.pack import Pack
from mailroom.understanding.bounds import Bounded, bound, bounded
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.lexicon import Hit
from mailroom.understanding.script import find_language, find_script, is_shlyokavitsa

T = TypeVar("T")

_REPLY_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|fw|aw|wg|отг|отговор|прпр|препр|препратено|относно|ynt|tr)\s*(?:\[\d+\])?\s*:\s*)+", re.I
)
_NO_SUBJECT = re.compile(r"^\s*[(<\[]?\s*(?:без тема|няма тема|no subject|bez tema)\s*[)>\]]?\s*$", re.I)
_DEVICE_SIGNATURE = re.compile(
    r"(?im)^[ \t]*(?:(?:изпратен[ао]?|sent|enviado|gesendet|envoyé|отправлено)\s+(?:от|from|von|de|mit|с)\b(?!\s*:).*|"
    r"get outlook for .*|"
    r"вземете outlook за .*|[-–—_]{2,})[ \t]*$"
)
_NOTICE = re.compile(
    r"(?im)^[ \t*_>]{0,10}(?:това|този|настоящ\w{2,3}|съдържание\w{2}|информация\w{2}|this|the)\b"
    r"(?=[^\n]{0,300}(?:съобщени|имейл|писмо|e-?mail|message))(?=[^\n]{0,600}(?:поверител|конфиденц|confidential))"
    r"(?=[^\n]{0,900}(?:погрешка|грешка|адресат|получател|recipient|addressee|in error))[^\n]*$"
)
"""The notice of secrecy that offices put under their mails: „ако сте го получили по погрешка, изтрийте го“."""
_PROSE_WORD = re.compile(r"(?<![\w.])[^\W\d_A-ZА-Я]{2,}(?![\w.])")
_PROSE_WORDS = 10
"""So many small words on a line are a sentence and no letterhead or address."""
_STAMP = re.compile(
    r"(?i)^(?![^\n]*\bекз\b)[\W_]*(?:(?!към\s|по\s|с\s|от\s|наш)[\wа-я]{1,3}\s)?"
    r"(?:вх(?:одящ)?|рег|per|reg|bx)\b\.?\s*(?:№|n|ne|индекс|номер|инд)")
_LONGEST_FIELD = 1_000
"""Characters of a subject or of a form's field."""
_AROUND = 300
"""Characters on each side that are looked at on an endless line."""
_COVERING_WORDS = 40
"""A text of at most so many words may only bring a file along."""
_SIGNER = re.compile(r"[ \t]*\d{1,2}[.)][ \t]+[A-ZА-Я]")
_SIGNATURE_WORDS, _SIGNER_WORDS = 14, 24
"""Words on the line of a signature at most; a petition's signers add flat and telephone."""
_TAIL_LINES = 200
_HEAD_LINES = 20
_START_WORDS = 200
_END_WORDS = 45
_TITLE_WORDS = 12
_FOOT_LINE = re.compile(r"(?i)(?=.*\d{3}[ ]?\d{2}).*(?:\bwww\.|\w@\w|\bЕИК\b|\bбулстат\b|\bтел\b)")
"""What is printed at the foot of a firm's paper."""
_DATA_LINE = re.compile(r"[\d\W_]*[;\t|]")
_CONTACT_LINE = re.compile(r"\s*[☎☏✆📞📱]|\s*(?:\+|00?)\d[\d ()/.-]{6,16}[;\t|]|.{0,200}\w@\w")
"""„02 900 11 22 | ivan@…“, „☎ 038 …“: a signature, and no measurements."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text; offsets into the view's text."""

    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        """Whether there is nothing on it."""
        return not self.text.strip()


@dataclass(frozen=True, slots=True)
class Sighting:
    """A cue seen in the text or in the subject."""

    hit: Hit
    words: Words
    in_subject: bool

    @property
    def sentences(self) -> frozenset[tuple[bool, int]]:
        """The sentences over which it reaches, each with whether it is of the subject."""
        reached = range(self.words.words[self.hit.first].sentence, self.words.words[self.hit.last].sentence + 1)
        return frozenset((self.in_subject, sentence) for sentence in reached)


@dataclass(frozen=True)
class View:
    """A letter as the finders look at it."""

    letter: Letter
    pack: Pack
    knowledge: Knowledge
    received_on: date | None = None
    """Local day of receipt, where it is known."""

    @cached_property
    def text(self) -> str:
        """The citizen's words: a form's message, else the letter's text, else what its attachments say."""
        own = _DEVICE_SIGNATURE.sub(lambda match: " " * len(match.group()), self._bounded.text)
        return _NOTICE.sub(lambda match: " " * len(match.group()), own)

    @cached_property
    def _bounded(self) -> Bounded:
        if self._form_message:
            return bound(self._form_message)
        own = bound(self.letter.text, on_paper=bool(self.letter.pages))
        if _DEVICE_SIGNATURE.sub("", own.text).strip():
            return own
        files = "\n\n".join(part.text for part in self.letter.attachments if part.text and part.text.strip())
        return bound(files, on_paper=True)

    @cached_property
    def scanned(self) -> bool:
        """Whether any of its text was read from a picture, so that letters and digits may be misread."""
        return any(page.text_source is TextSource.OCR for page in self.letter.pages)

    @cached_property
    def enclosed(self) -> "View | None":
        """The letter that a short covering text („в прикачения файл“) only brings along; null when there is none."""
        files = [part.text for part in self.letter.attachments if part.text and part.text.strip()]
        if not files or self.letter.form_fields or not self.letter.text.strip() or len(self.words) > _COVERING_WORDS:
            return None
        return View(self.letter.model_copy(update={"text": ""}), self.pack, self.knowledge, self.received_on)

    @property
    def _form_message(self) -> str:
        return self._form_field("form_message")

    @cached_property
    def offset(self) -> int | None:
        """Where the text that was looked at begins in `letter.text`; None when it comes from elsewhere."""
        if not self.text.strip():
            return None
        start = self.letter.text.find(self._form_message) if self._form_message else 0
        return start if start >= 0 and self.letter.text.strip() else None

    @cached_property
    def clear(self) -> str:
        """The text with look-alike letters repaired; same length, so that offsets fit both."""
        return re.sub(r"[^\W\d_]+", lambda match: repair_lookalikes(match.group(), mainly_cyrillic=False), self.text)

    @cached_property
    def words(self) -> Words:
        """The text in words."""
        return take_apart(self.text)

    @cached_property
    def subject(self) -> str:
        """The Subject header without reply marks; inside a forward the inner one. Empty for paper."""
        inner = self.letter.forwarded.first("subject") if self.letter.forwarded else None
        subject = self.form_value("form_subject") or inner or self.letter.subject or ""
        subject = bounded(subject.splitlines()[0][:_LONGEST_FIELD]) if subject.strip() else ""
        subject = _REPLY_PREFIX.sub("", subject).strip()
        return "" if _NO_SUBJECT.match(subject) else subject

    @cached_property
    def subject_words(self) -> Words:
        """The subject in words."""
        return take_apart(self.subject)

    @cached_property
    def script(self) -> Found[Script]:
        """Script of the text, else of the subject."""
        if not self.letter.legible:
            return Found(value=Script.CYRILLIC, confidence=0.2)  # what OCR makes of a hand tells nothing of its letters
        words = self.words if self.words.words else self.subject_words
        return find_script(words, self.mailbox.name if self.mailbox else "")

    @cached_property
    def language(self) -> Found[str]:
        """Language of the text and its subject."""
        return find_language(
            self.words if len(self.words) > 3 else take_apart(f"{self.text}\n{self.subject}"), self.knowledge
        )

    @cached_property
    def bare(self) -> bool:
        """Whether cues are looked for in Latin letters too."""
        return is_shlyokavitsa(self.script.value, self.language.value)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the text with look-alikes repaired; lines of measurements and the like are left out."""
        lines, start = [], 0
        for text in self.clear.split("\n"):
            data = _DATA_LINE.match(text)
            if not (data and re.search(r"\d", data.group())) or _CONTACT_LINE.match(text):
                lines.append(Line(start, start + len(text), text))
            start += len(text) + 1
        return tuple(lines)

    @cached_property
    def stamp_lines(self) -> frozenset[int]:
        """Lines of the town's own registry stamp on paper: a short line with „Вх. №“ or „Рег. индекс“, and dates near.

        Only for paper; in a mail a short line with a number is the citizen's.
        """
        if self.letter.head is not None:
            return frozenset()
        stamped: set[int] = set()
        for index, line in enumerate(self.lines):
            if _STAMP.match(line.text) and len(line.text.split()) <= 7:
                near = range(max(0, index - 2), min(len(self.lines), index + 4))
                stamped.update(
                    i
                    for i in near
                    if i == index or (len(self.lines[i].text.split()) <= 4 and re.search(r"\d", self.lines[i].text))
                )
        return frozenset(stamped)

    @cached_property
    def body_start(self) -> int:
        """Index of the first line of prose: the salutation, or the first long line."""
        salutations = tuple(self.knowledge.lexicon.list("sender.salutations"))
        for index, line in enumerate(self.lines[: 3 * _HEAD_LINES]):
            bare = line.text.strip().lower()
            if re.match(r"(?:до|to)\b", bare):
                continue
            if bare.startswith(salutations) and not bare.startswith(("г-н кмет", "господин кмета")):
                return index
            if len(_PROSE_WORD.findall(line.text)) >= _PROSE_WORDS and "@" not in line.text:
                return index
        return min(_HEAD_LINES, len(self.lines))

    @cached_property
    def _greeted(self) -> int:
        """Index of the line after the salutation, above which nobody signs; 0 where there is none."""
        salutations = tuple(self.knowledge.lexicon.list("sender.salutations"))
        greeting = self.lines[self.body_start].text.strip().lower() if self.body_start < len(self.lines) else ""
        return self.body_start + 1 if greeting.startswith(salutations) else 0

    @cached_property
    def tail_start(self) -> int:
        """Index of the first line of the closing block: after the last closing words, or the last short lines."""
        closings = tuple(self.knowledge.lexicon.list("sender.closings"))
        for index in range(len(self.lines) - 1, max(-1, len(self.lines) - 1 - _TAIL_LINES), -1):
            bare = self.lines[index].text.strip(" \t.,!:;-–—").lower()
            if len(self.lines[index].text) < 90 and any(
                _opens_with(part, closings) for part in re.split(r"\s{3,}|\t", bare)
            ):
                return index
        index = len(self.lines)
        shown = 0
        while index > self._greeted and shown < 8:
            line = self.lines[index - 1]
            if index == len(self.lines) and self.scanned and _FOOT_LINE.match(line.text):
                index -= 1
                continue
            if len(line.text.split()) > (_SIGNER_WORDS if _SIGNER.match(line.text) else _SIGNATURE_WORDS):
                break
            shown += not line.blank
            index -= 1
        return index

    @cached_property
    def sightings(self) -> tuple[Sighting, ...]:
        """Every cue of the lexicon in text and subject, at a place where the cue may stand."""
        found: list[Sighting] = []
        for words, in_subject in ((self.subject_words, True), (self.words, False)):
            hits = {(id(hit.cue), hit.first): hit for hit in self.knowledge.lexicon.find(words)}
            if self.bare:
                for hit in self.knowledge.lexicon.find(words, bare=True):
                    hits.setdefault((id(hit.cue), hit.first), hit)
            found.extend(Sighting(hit, words, in_subject) for hit in hits.values() if self._placed(hit, in_subject))
        found.extend(self._spaced_titles())
        return tuple(found)

    def seen(self, prefix: str) -> tuple[Sighting, ...]:
        """The sightings of a group (`kinds.signal`) or of all groups of a file (`danger`)."""
        return self._sightings_by_group.get(prefix, ())

    def sentences_of(self, *prefixes: str) -> frozenset[tuple[bool, int]]:
        """The sentences in which one of these groups is seen."""
        return frozenset(place for prefix in prefixes for sighting in self.seen(prefix) for place in sighting.sentences)

    @cached_property
    def groups(self) -> frozenset[str]:
        """Names of all groups of which something is seen."""
        return frozenset(sighting.hit.group for sighting in self.sightings)

    @cached_property
    def _sightings_by_group(self) -> dict[str, tuple[Sighting, ...]]:
        """Under the group and under its file; asked for hundreds of times a letter."""
        found: dict[str, list[Sighting]] = {}
        for sighting in self.sightings:
            for name in {sighting.hit.group, sighting.hit.group.partition(".")[0]}:
                found.setdefault(name, []).append(sighting)
        return {name: tuple(sightings) for name, sightings in found.items()}

    def evidence(self, sighting: Sighting, *, around: int = 3) -> Evidence:
        """The words of a sighting with some words around them."""
        quote, start, end = sighting.words.quote(sighting.hit.first, sighting.hit.last, around)
        why = sighting.hit.cue.row.why
        if sighting.in_subject:
            return Evidence(text=quote, why=f"{why} (в темата)")
        return self.quote(start, end, why, text=quote)

    def quote(self, start: int, end: int, why: str, text: str | None = None) -> Evidence:
        """Evidence for a part of the view's text."""
        shown = text if text is not None else " ".join(self.text[start:end].split())
        span = self._bounded.original(start, end)
        if self.offset is None or span is None:
            return Evidence(text=shown, why=why)
        return Evidence(text=shown, why=why, start=span[0] + self.offset, end=span[1] + self.offset)

    def form_value(self, fields: str) -> str:
        """The value of a contact form's field by the names that the lexicon knows for it; empty when not filled in."""
        return bounded(self._form_field(fields)[:_LONGEST_FIELD])

    def _form_field(self, fields: str) -> str:
        if not self.letter.form_fields:
            return ""
        names = {_field_key(name) for name in self.knowledge.lexicon.list(f"sender.{fields}")}
        for name, value in self.letter.form_fields.items():
            if _field_key(name) in names and value.strip():
                return value.strip()
        return ""

    def line_around(self, start: int, end: int) -> tuple[int, int]:
        """Where the line of `clear` that holds this part begins and ends; of an endless line what stands near."""
        low, high = max(0, start - _AROUND), min(len(self.clear), end + _AROUND)
        after = self.clear.find("\n", end, high)
        return max(low, self.clear.rfind("\n", low, start) + 1), after if after >= 0 else high

    def line_at(self, offset: int) -> int:
        """Index of the line that holds this offset of the text, or of the next one."""
        return max(0, bisect_right(self._line_starts, offset) - 1)

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        return tuple(line.start for line in self.lines)

    @cached_property
    def remembered(self) -> dict[str, Any]:
        """What one finder worked out and another asks for again."""
        return {}

    def once(self, name: str, work_out: Callable[["View"], T]) -> T:
        """What is worked out of this letter under this name, the first time it is asked for."""
        if name not in self.remembered:
            self.remembered[name] = work_out(self)
        found: T = self.remembered[name]
        return found

    @cached_property
    def citizen_head(self) -> MailHead | None:
        """The header that the citizen's own mail had: the inner one of a forward."""
        return self.letter.forwarded or self.letter.head

    @cached_property
    def mailbox(self) -> Mailbox | None:
        """The first From mailbox that belongs to a person and not to the town or a robot."""
        if self.citizen_head is None:
            return None
        return next(
            (box for box in self.citizen_head.from_ if box.address and not self.is_own_or_robot(box.address)), None
        )

    def is_own_or_robot(self, address: str) -> bool:
        """Whether nobody who writes to the town reads this mailbox: it is the town's own, or a machine's."""
        local, _, domain = address.lower().partition("@")
        if _robots(self.knowledge.lexicon.list("sender.robots")).fullmatch(local):
            return True
        own = {email.lower() for email in self.pack.contact.emails}
        if address.lower() in own:
            return True
        return (
            bool(domain)
            and domain in self._own_domains
            and domain not in self.knowledge.lexicon.list("sender.public_mail")
        )

    @cached_property
    def _own_domains(self) -> frozenset[str]:
        """Domains of the town: of its known mailboxes, and of the mailbox that received this letter."""
        addresses = list(self.pack.contact.emails)
        if self.letter.head:
            addresses += [box.address for box in self.letter.head.to[:1]]
            addresses += list(self.letter.head.all("delivered-to"))
        return frozenset(a.strip("<> ").rpartition("@")[2].lower() for a in addresses if "@" in a)

    def _placed(self, hit: Hit, in_subject: bool) -> bool:
        where = hit.cue.row.where
        if where == "anywhere" or in_subject:
            return where in ("anywhere", "title", "start")
        if where == "start":
            return hit.first < _START_WORDS
        if where == "end":
            return hit.last >= len(self.words) - _END_WORDS or self.words.words[hit.first].start >= self._tail_offset
        return self._is_title(hit)

    @property
    def _tail_offset(self) -> int:
        return self.lines[self.tail_start].start if self.tail_start < len(self.lines) else len(self.text)

    def _is_title(self, hit: Hit) -> bool:
        """A title: a word in capitals that begins a short line, or a line of at most three words, before the prose."""
        word = self.words.words[hit.first]
        before = self.text.rfind("\n", 0, word.start) + 1
        if hit.first > _START_WORDS:
            return False
        after = self.text.find("\n", word.start)
        line = self.text[before : after if after >= 0 else len(self.text)].strip()
        if self.text[before : word.start].strip(' \t„"*_'):
            return False
        count = len(line.split())
        shouted = word.raw.isupper() and len(word.raw) > 2
        return (shouted and count <= _TITLE_WORDS) or (
            count <= 3 and not line.endswith((",", "!", "?")) and line[:1].isupper()
        )

    def _spaced_titles(self) -> list[Sighting]:
        """Cues of titles in letters set apart: „С И Г Н А Л“."""
        found: list[Sighting] = []
        for _, _, word in spaced_out(self.text[:3000]):
            words = take_apart(plain(word))
            found.extend(
                Sighting(hit, words, True) for hit in self.knowledge.lexicon.find(words) if hit.cue.row.where == "title"
            )
        return found


@lru_cache(maxsize=4)
def _robots(names: tuple[str, ...]) -> re.Pattern[str]:
    """Local parts of machines, with a number or more words after them."""
    return re.compile(rf"(?:{'|'.join(map(re.escape, names))})\d*(?:[-+._].*)?")


def _opens_with(text: str, closings: tuple[str, ...]) -> bool:
    """Whether a line is closing words, with at most a name after them."""
    text = text.strip()
    return any(
        text.startswith(closing)
        and (len(text) == len(closing) or not text[len(closing)].isalpha())
        and len(text.split()) <= len(closing.split()) + 5
        for closing in closings
    )


def _field_key(name: str) -> str:
    return re.sub(r"[\s*:№_.=>-]+", " ", name).strip().lower()
