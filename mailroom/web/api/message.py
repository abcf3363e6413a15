"""A letter that another system hands over, as the message that is kept as its original (RFC 5322).

It is laid out as municipalities' web forms are, fields before the citizen's words, so that everything after the door
is as for any other letter. The same letter gives the same octets, whenever it is written: by that a repeated request is
known for the same.
"""

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from mailroom.web.api.shapes import NewLetter

_FIELDS = (("Име", "name"), ("Организация", "organisation"), ("Имейл", "email"), ("Телефон", "phone"),
           ("Адрес", "address"))
_NO_SUBJECT = "без тема"


def as_message(letter: NewLetter, source: str, key: str) -> bytes:
    """The message. `source` and `key`: which system, and its own name for this request.

    A citizen without an address gets no From field: there is nobody to answer to.
    """
    identity = hashlib.sha256(f"{source}\n{key}".encode()).hexdigest()[:32]
    message = EmailMessage(policy=SMTP)
    message["Subject"] = letter.subject or _NO_SUBJECT
    if letter.sender.email:
        message["From"] = Address(letter.sender.name or letter.sender.organisation, addr_spec=letter.sender.email)
    message["Message-ID"] = f"<{identity}@api.mailroom.invalid>"
    message.set_content(_body(letter), cte="base64")
    for file in letter.files:
        # What it really is the reader judges by its content.
        message.add_attachment(file.octets(), maintype="application", subtype="octet-stream", filename=file.filename)
    if letter.files:
        message.set_boundary(f"=={identity}==")
    return message.as_bytes()


def _body(letter: NewLetter) -> str:
    """As a web form writes it; the citizen's words alone where nobody is named."""
    given = [(name, getattr(letter.sender, field)) for name, field in _FIELDS]
    lines = [f"{name}: {value}" for name, value in given if value]
    if not lines:
        return letter.text
    return "\n".join([*lines, f"Тема: {letter.subject or _NO_SUBJECT}", f"Съобщение: {letter.text}", ""])
