"""E-mails as a server would deliver them, built from the texts in letters.toml."""

import email.policy
import tomllib
from datetime import datetime
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from pathlib import Path

from pydantic import Field

from mailroom.demo.scans import photograph
from mailroom.model.base import Value

LETTERS = Path(__file__).with_name("letters.toml")
TOWN = "Община Примерово <delovodstvo@example.bg>"


class SampleMail(Value):
    """One e-mail of letters.toml."""

    name: str
    sender: str = Field(alias="from")
    subject: str
    text: str = ""
    html: str = ""
    """Instead of text: a mail that has only HTML."""
    charset: str = "utf-8"
    picture: str = ""
    """File name of an attached photograph."""
    headers: dict[str, str] = Field(default_factory=dict)
    bounce_of: str = ""
    """Message-ID (without brackets) of a letter that this mail returns."""
    recipient: str = ""
    """To whom the returned letter could not be delivered."""


class SampleScan(Value):
    """One scanned letter of letters.toml."""

    name: str
    pages: tuple[str, ...]
    skew: float = 0.0
    blank_back: bool = False


class Samples(Value):
    """Everything in letters.toml."""

    mail: tuple[SampleMail, ...]
    scan: tuple[SampleScan, ...]


def samples() -> Samples:
    """The sample letters."""
    return Samples.model_validate(tomllib.loads(LETTERS.read_text("utf-8")))


def as_eml(mail: SampleMail, now: datetime) -> bytes:
    """The octets as they lie on a server: CRLF line ends, encoded words, Message-ID and Date."""
    if mail.bounce_of:
        return _bounce(mail, now)
    message = EmailMessage(policy=email.policy.SMTP)
    for name, value in _head(mail, now).items():
        message[name] = value
    if mail.html:
        message.set_content(mail.html.strip() + "\n", subtype="html", charset=mail.charset)
    else:
        message.set_content(mail.text.strip() + "\n", charset=mail.charset)
    if mail.picture:
        message.add_attachment(photograph(), maintype="image", subtype="jpeg", filename=mail.picture)
        message.set_boundary(f"={mail.name}=")
    return message.as_bytes()


def _head(mail: SampleMail, now: datetime) -> dict[str, str]:
    domain = mail.sender.rpartition("@")[2].rstrip(">")
    return {"From": mail.sender, "To": TOWN, "Subject": mail.subject, "Date": format_datetime(now),
            "Message-ID": f"<{mail.name}.{now:%Y%m%d%H%M%S}@{domain}>", **mail.headers}


def _bounce(mail: SampleMail, now: datetime) -> bytes:
    """A delivery status notification (RFC 3464)."""
    report = MIMEMultipart("report", f"={mail.name}=", report_type="delivery-status", policy=email.policy.SMTP)
    for name, value in _head(mail, now).items():
        report[name] = value
    report["Return-Path"] = "<>"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText(mail.text.strip() + "\n", "plain", "us-ascii"))
    status = EmailMessage(policy=email.policy.SMTP)
    status["Reporting-MTA"] = "dns; mx.example.net"
    failed = EmailMessage(policy=email.policy.SMTP)
    failed["Final-Recipient"] = f"rfc822; {mail.recipient}"
    failed["Action"], failed["Status"] = "failed", "5.1.1"
    failed["Diagnostic-Code"] = "smtp; 550 5.1.1 User unknown"
    delivery = MIMEMultipart("delivery-status", policy=email.policy.SMTP)
    del delivery["MIME-Version"]
    delivery.replace_header("Content-Type", "message/delivery-status")
    delivery.set_payload([status, failed])
    report.attach(delivery)
    returned = EmailMessage(policy=email.policy.SMTP)
    returned["From"], returned["To"], returned["Message-ID"] = TOWN, mail.recipient, f"<{mail.bounce_of}>"
    returned.set_content("…\n")
    report.attach(MIMEMessage(returned, policy=email.policy.SMTP))
    return report.as_bytes()
