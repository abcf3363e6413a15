"""The citizen's own words apart from quoted history and the telephone's signature.

Rules, in this order:
1. a line that begins with `>` is history, wherever it stands; lines between such lines are answers and stay own words;
2. an attribution („На 18.05.2026 г. … написа:“, `On … wrote:`) belongs to history; when no `>` follows it, all that
   follows does;
3. an Outlook header (От: / Изпратено: / До: / Тема:) or a line such as „-----Original Message-----“ starts history that
   goes to the end;
4. a line that only names the sending device or program is nobody's words.
A person's own signature after `-- ` stays: the name and the address stand in it.
"""

import re
from dataclasses import dataclass

_WRITES = (r"(?:написа(?:ха|л|ла)?|пише|писа|изпрати|каза|wrote|writes|schrieb|a écrit|escribió|ha scritto|"
           r"napsal(?:\(a\))?|yazdı|şunu yazdı|писал(?:а|\(а\))?|пишет|написал(?:а|\(а\))?)")
_OPENS = (r"(?:на|в|във|on|am|le|el|il|dne|den|op|w dniu|пн|вт|ср|чт|пт|сб|нд|пон|втор|сря|четв|пет|съб|нед|mon|tue|"
          r"wed|thu|fri|sat|sun|понеделник|вторник|сряда|четвъртък|петък|събота|неделя|\d{1,4}[./-])")
_ATTRIBUTION = re.compile(rf"^\s*{_OPENS}\b.{{3,260}}?\b{_WRITES}\s*+(?::\s*+)?$", re.I)
_GERMANIC = re.compile(rf"^\s*{_OPENS}\b.{{3,60}}\b(?:schrieb|skrev|schreef)\b.{{0,200}}:\s*+$", re.I)
_DATED = re.compile(rf"^\s*{_OPENS}.{{0,80}}\d{{1,2}}[:.]\d{{2}}\b.{{0,160}}<[^<>\s]+@[^<>\s]+>\s*+:\s*+$", re.I)
_DATED_ATTRIBUTIONS = (_ATTRIBUTION, _GERMANIC, _DATED)
_BARE_ATTRIBUTION = re.compile(rf"^\s*\S.{{0,200}}@.{{0,100}}\b{_WRITES}\s*+:\s*+$", re.I)
_MAY_OPEN = re.compile(rf"\s*(?:{_OPENS}|w\s*$)", re.I)
"""With what the first line of an attribution begins, unless there is a mail address in it."""
_ENDS = re.compile(rf"{_WRITES}$", re.I)
_LONGEST_END = 12
_LABELS = {
    "from": "от|from|von|de|подател|изпращач|от кого|gönderen|kimden",
    "date": "дата|date|изпратено|изпратени|изпратено на|sent|gesendet|envoyé|получено|дата и час|отправлено|tarih",
    "to": "до|to|за|кому|получател|получатели|an|à|kime",
    "cc": "копие|копие до|cc|як|kopie|скрито копие|bcc",
    "subject": "тема|относно|subject|betreff|objet|заглавие|konu",
    "reply-to": "отговор до|отговор на|reply-to|reply to",
}
_LABEL = re.compile(r"^[\s*_]*+(" + "|".join(_LABELS.values()) + r")[\s*_]*+:[*_]*+(?:\s++(.*)|)$", re.I)
_ORIGINAL = re.compile(
    r"^[\W_]*+(?:original (?:message|appointment)|оригинал(?:но|ното) (?:съобщение|писмо|име?йл)|"
    r"първоначално съобщение|предишно съобщение|исходное сообщение|ursprüngliche nachricht|message d'origine)"
    r"[\s_=-]*+$", re.I)
_RULED = re.compile(r"[-_=]{2}")
_RULE = re.compile(r"\s*(?:--|_{5,}|-{5,})\s*")
"""A line that sets a signature off."""
_DEVICES = (r"(?:моя|моят|моето|мобилен|мобилно|мобилния|iphone|ipad|apple|samsung|galaxy|android|андроид|huawei|"
            r"xiaomi|redmi|poco|nokia|sony|lg|motorola|honor|oneplus|blackberry|windows|outlook|mail|поща|yahoo|gmail|abv|абв|"
            r"proton|телефон|смартфон|таблет|my|the|a mobile|mobile|phone|tablet|viber|айфон|bluemail|spark|приложение|"
            r"aqua mail)")
_DEVICE = re.compile(
    rf"^\W*+(?:(?:изпратен[оа]?|пратено|отправлено|надіслано|gesendet|envoyé|sent)\s++"
    rf"(?:от|с|със|през|чрез|из|via|from|with|using|von|de|на)\s+{_DEVICES}\b.{{0,60}}|"
    r"(?:get|вземете|вземи|изтеглете|изтегли|свалете|получете|скачать)\s+(?:the\s+)?outlook\b.{0,80}|"
    r"enviado desde .{0,40}|von meinem .{0,30} gesendet|"
    r"(?:virus-free|без вируси|няма вируси|този имейл е проверен|това съобщение (?:е|беше) проверено за вируси|"
    r"this e?-?mail has been (?:checked|scanned)).{0,100})\s*+$", re.I)
_LONGEST_LINE = 400
_WRAPS = 3
"""An attribution may be wrapped over so many lines."""


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """A body divided."""

    own: str
    quoted: str


@dataclass(frozen=True, kw_only=True)
class HeaderBlock:
    """A header written into a text by a mail program."""

    start: int
    """Line on which it begins, any line that announces it included."""
    end: int
    """Line after it."""
    fields: dict[str, str]
    """from, date, to, cc, subject, reply-to."""


def divide(text: str) -> OwnWords:
    """Divide a body into own words and history."""
    lines = text.split("\n")
    own: list[str] = []
    quoted: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith(">"):
            quoted.append(_unquoted(line))
            at += 1
        elif (length := _attribution(lines, at)) and (own or quoted or _quote_follows(lines, at + length)):
            quoted += lines[at:at + length]
            at += length
            if not _quote_follows(lines, at):
                quoted += [_unquoted(rest) for rest in lines[at:]]
                break
        elif _history_starts(lines, at) and any(words.strip() for words in own):
            quoted += [_unquoted(rest) for rest in lines[at:]]
            break
        else:
            own.append(line)
            at += 1
    return OwnWords(own=without_device("\n".join(own)), quoted=_tidy("\n".join(quoted)))


def without_device(text: str) -> str:
    """The text without lines that only name the device or program it was sent with."""
    kept = [line for line in text.split("\n") if len(line) > 160 or not _DEVICE.match(line)]
    lines = _tidy("\n".join(kept)).split("\n")
    while lines and (not lines[-1].strip() or _RULE.fullmatch(lines[-1])):
        lines.pop()
    return "\n".join(lines).strip("\n")


def header_block(lines: list[str], at: int, *, announced: bool = False) -> HeaderBlock | None:
    """The header of a mail written into the text at this line: its sender and further fields, unbroken.

    After a line that announces it, any two fields will do. Else there must be a date, as mail programs always give one,
    and no field before it: a citizen's letter may begin with „До: … От: … Относно: …“ too.
    """
    if not (found := _label(lines, at)) or (not announced and at and _label(lines, at - 1)):
        return None
    fields: dict[str, str] = {}
    line = at
    last = ""
    while line < len(lines) and (lines[line].strip() or (line + 1 < len(lines) and _label(lines, line + 1))):
        if not lines[line].strip():  # Outlook writes each field as a paragraph of its own
            line += 1
        if found := _label(lines, line):
            last = _name(found[1])
            fields[last] = (found[2] or "").strip("* ")
        elif len(fields) >= 2 and "subject" in fields and last == "subject" and len(fields["subject"]) < 60:
            break
        else:
            fields[last] = f"{fields[last]} {lines[line].strip()}".strip()
        if line - at > 25:
            return None
        line += 1
    return HeaderBlock(start=at, end=line, fields=fields) if _is_header(fields, announced=announced) else None


def _is_header(fields: dict[str, str], *, announced: bool) -> bool:
    if "from" not in fields or len(fields) < 2:
        return False
    begins_with_sender = next(iter(fields)) == "from"
    return announced or ("date" in fields and ("@" in fields["from"] or (begins_with_sender and len(fields) >= 3)))


def _label(lines: list[str], at: int) -> re.Match[str] | None:
    return _LABEL.match(lines[at]) if ":" in lines[at] and len(lines[at]) <= 4 * _LONGEST_LINE else None


def announces_original(line: str) -> bool:
    """Whether the line is „-----Original Message-----“ or the like."""
    line = line[:_LONGEST_LINE]
    return bool(_RULED.search(line) and _ORIGINAL.match(line))


def _name(label: str) -> str:
    return next(name for name, labels in _LABELS.items() if label.lower() in labels.split("|"))


def _attribution(lines: list[str], at: int) -> int:
    """Over how many lines an attribution runs that begins here; 0 for none."""
    opens = bool(_MAY_OPEN.match(lines[at]))
    if not opens and "@" not in lines[at]:
        return 0
    joined = ""
    for length in range(1, _WRAPS + 1):
        if at + length > len(lines):
            return 0
        line = lines[at + length - 1]
        if length > 1 and (not line.strip() or line.startswith(">")):
            return 0
        joined = f"{joined} {line.strip()}".strip()
        if not joined or len(joined) > _LONGEST_LINE:
            return 0
        if not (joined.endswith(":") or _ENDS.search(joined[-_LONGEST_END:])):
            continue
        if opens and re.search(r"\d", joined) and any(pattern.match(joined) for pattern in _DATED_ATTRIBUTIONS):
            return length
        if "@" in lines[at] and _BARE_ATTRIBUTION.match(joined):
            return length
    return 0


def _quote_follows(lines: list[str], at: int) -> bool:
    following = [line for line in lines[at:at + 6] if line.strip()][:2]
    return any(line.startswith(">") for line in following)


def _history_starts(lines: list[str], at: int) -> bool:
    if announces_original(lines[at]):
        return True
    return header_block(lines, at) is not None


def _unquoted(line: str) -> str:
    return re.sub(r"^(?:> ?)+", "", line)


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
