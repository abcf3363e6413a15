"""Delivery reports (RFC 3464), disposition notifications (RFC 8098), and the bounces that follow neither."""

import re
from email.message import Message

from mailroom.model.letter import DeliveryReport, MailHead
from mailroom.reading.charset import clean_line, decode_header
from mailroom.reading.head import message_ids, raw_fields

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<!\d)([45])\d\d[ -](?=\S)")
_ADDRESS = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_MACHINES = re.compile(
    r"^(mailer-daemon|mail delivery (?:sub)?system|post_?master|mail-?daemon|microsoftexchange\w*|mdaemon|bounces?)\b",
    re.I)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|returned (mail|to sender)|delivery (status|fail|has failed|problem|notification)|failure notice|"
    r"mail delivery|mail system error|could not (be )?deliver|non.?deliver|недоставен|невъзможно доставяне|"
    r"не (беше|бе|е|можа да бъде|може да бъде) доставен|не мож[ае] да (?:се|бъде) достав|no such user|error delivering|"
    r"user unknown|wasn.t able to deliver|returning to sender|配信できません|メールエラー通知|не может быть доставлено|"
    r"недоставленное|unzustellbar|nicht zugestellt|неуспешно доставяне|отказана доставка|върнат[ао]? поща", re.I)
_DELAY = re.compile(r"delay|warning: could not send|still being|забавен", re.I)


def report_from_parts(parts: list[Message], returned: list[Message]) -> DeliveryReport | None:
    """The report of a multipart/report: the worst recipient's fields, with the Message-ID of the returned letter.

    `parts` are message/delivery-status and message/disposition-notification parts, `returned` what came back with them.
    """
    if not parts:
        return None
    groups = [dict(reversed(raw_fields(block))) for part in parts for block in _blocks(part)]
    about = next((i for i in (_id(g, "original-message-id", "x-original-message-id") for g in groups) if i), None)
    about = about or next((i for i in (_id(dict(raw_fields(m)), "message-id") for m in returned) if i), None)
    recipients = [g for g in groups if "final-recipient" in g or "original-recipient" in g or "action" in g]
    group = min(recipients or groups or [{}], key=_gravity)
    disposition = group.get("disposition", "").rpartition(";")[2].partition("/")[0].strip().lower()
    return DeliveryReport(
        original_message_id=about, recipient=_recipient(group),
        action=clean_line(group.get("action", "")).partition(" ")[0].lower() or clean_line(disposition) or None,
        status=_first(_STATUS, group.get("status", "")),
        diagnostic=decode_header(group.get("diagnostic-code", "").partition(";")[2] or group.get("diagnostic-code", ""))
        or None)


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _gravity(group: dict[str, str]) -> int:
    order = ("failed", "delayed")
    action = group.get("action", "").strip().lower()
    return order.index(action) if action in order else len(order)


def _recipient(group: dict[str, str]) -> str | None:
    """The address as we wrote it, where the report still knows it; else where it was finally sent."""
    for name in ("original-recipient", "final-recipient"):
        value = group.get(name, "").rpartition(";")[2].strip().strip("<>")
        if "@" in value:
            return decode_header(value)
    return None


def _id(fields: dict[str, str], *names: str) -> str | None:
    return next((ids[0] for ids in (message_ids(fields.get(name, "")) for name in names) if ids), None)


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None


def report_from_text(head: MailHead, text: str) -> DeliveryReport | None:
    """A bounce in prose (qmail, Exchange and others): from the null path or a mail system, and saying so.

    Both are asked for, so that a citizen who writes about an undelivered letter is no machine.
    """
    sender = head.from_[0].address if head.from_ else ""
    called = head.from_[0].name if head.from_ else ""
    automatic = head.return_path == "" or bool(_MACHINES.match(sender) or _MACHINES.match(called))
    subject = head.first("subject") or ""
    failed = head.first("x-failed-recipients")
    if not (failed or (automatic and _BOUNCE_SUBJECT.search(f"{subject}\n{text[:600]}"))):
        return None
    own = {box.address.lower() for box in (*head.to, *head.from_)}
    address = next((a for a in _ADDRESS.findall(failed or text) if a.lower() not in own), None)
    status = _first(_STATUS, text)
    kind = (status or _first(_REPLY_CODE, text) or "5")[0]
    delayed = kind == "4" or bool(_DELAY.search(subject))
    about = re.search(r"^[^\w\n]*+Message-ID:\s*+(<[^<>\s]++>)", text, re.I | re.M)
    line = next((line.strip() for line in text.split("\n") if _STATUS.search(line) or _REPLY_CODE.search(line)), None)
    return DeliveryReport(original_message_id=about[1] if about else None, recipient=address,
                          action="delayed" if delayed else "failed", status=status, diagnostic=line)
