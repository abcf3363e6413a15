"""An outgoing letter as a message of RFC 5322, the same for every transport."""

from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, getaddresses
from functools import lru_cache

from mailroom.errors import NeedsPerson
from mailroom.model.outgoing import LetterType, Outgoing, OutgoingChannel


class _Policy(EmailPolicy):
    """Python's own, but no header field is taken apart by its grammar once more that fits on one line as it stands, and
    the sender's name is folded once: both took a third of the processor's time of a letter's way out."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """The field as it goes over the wire."""
        line = f"{name}: {value}"
        if value and line.isascii() and line.isprintable() and len(line) <= _LINE:
            return f"{line}{self.linesep}".encode("ascii")
        return _folded(name, value)


@lru_cache(maxsize=16)
def _folded(name: str, value: str) -> bytes:
    return _BY_GRAMMAR.fold_binary(name, value)


_LINE = 78
"""Characters of a line, its end not counted (RFC 5322, 2.1.1)."""
_BY_GRAMMAR = SMTP.clone(cte_type="7bit")
POLICY = _Policy(linesep=_BY_GRAMMAR.linesep, cte_type=_BY_GRAMMAR.cte_type)
UNASKED = (LetterType.DIGEST, LetterType.ALERT, LetterType.REMINDER)
"""Letters that answer nobody's."""


def build_message(outgoing: Outgoing, *, from_name: str, from_address: str, now: datetime) -> EmailMessage:
    """The letter ready for the wire; its Message-ID is the one fixed when it was drafted.

    Raises NeedsPerson when the address cannot be written to, ValueError for a letter that goes on paper.
    """
    if outgoing.channel is not OutgoingChannel.EMAIL:
        raise ValueError(f"letter {outgoing.id} is for the print run")
    message = EmailMessage(policy=POLICY)
    message["From"] = _mailbox(from_address, from_name)
    message["To"] = [_mailbox(address) for address in recipients(outgoing)]
    message["Subject"] = " ".join(outgoing.subject.split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = outgoing.message_id
    if outgoing.in_reply_to:
        message["In-Reply-To"] = outgoing.in_reply_to
    if outgoing.references:
        message["References"] = " ".join(outgoing.references)
    if outgoing.auto_submitted:
        # RFC 3834, section 5: what answers a message is auto-replied, what answers nobody is auto-generated.
        automatic = "auto-generated" if outgoing.type in UNASKED else "auto-replied"
        message["Auto-Submitted"] = automatic
        message["X-Auto-Response-Suppress"] = "All"  # Exchange and Outlook do not know Auto-Submitted
    message["Content-Language"] = "bg"
    message.set_content(outgoing.text, cte="base64")
    if outgoing.html:
        message.add_alternative(outgoing.html, subtype="html", cte="base64")
    return message


def recipients(outgoing: Outgoing) -> list[str]:
    """The bare addresses of a letter. Raises NeedsPerson when there is none."""
    addresses = [address for _, address in getaddresses([outgoing.to]) if address]
    if not addresses:
        raise NeedsPerson("Адресът за отговор е празен или сгрешен: поправете го и пуснете писмото отново.")
    return [ascii_address(address) for address in addresses]


def ascii_address(address: str) -> str:
    """The address with its domain in ASCII (RFC 5890). Raises NeedsPerson when that cannot be done."""
    local, _, domain = address.rpartition("@")
    try:
        written = f"{local}@{domain.encode('idna').decode('ascii')}"
        written.encode("ascii")
        if not local or not domain or any(character.isspace() or character in "<>" for character in local):
            raise ValueError("incomplete")
    except ValueError as error:  # UnicodeError of either codec is one
        raise NeedsPerson(
            "Адресът за отговор не е валиден адрес на електронна поща: поправете го или отпечатайте писмото."
        ) from error
    return written


def _mailbox(address: str, name: str = "") -> Address:
    try:
        return Address(display_name=" ".join(name.split()), addr_spec=ascii_address(address))
    except (ValueError, IndexError, HeaderParseError) as error:
        raise NeedsPerson(
            "Адресът за отговор не е валиден адрес на електронна поща: поправете го или отпечатайте писмото."
        ) from error
