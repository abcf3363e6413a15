"""Until when a server's certificate holds, as the server itself shows it."""

import imaplib
import smtplib
import socket
import ssl
from contextlib import closing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from mailroom.config import Security, Server

_SECONDS = 15


class Protocol(StrEnum):
    """What is spoken before STARTTLS."""

    IMAP = "imap"
    SMTP = "smtp"


def expires(server: Server, protocol: Protocol) -> datetime | None:
    """When the certificate of a mail server ends; null where the connection has none. Raises OSError."""
    if server.security is Security.NONE:
        return None
    if server.security is Security.TLS:
        return expires_at(server.host, server.port, server.ca_file)
    context = ssl.create_default_context(cafile=server.ca_file)
    try:
        if protocol is Protocol.IMAP:
            with imaplib.IMAP4(server.host, server.port, timeout=_SECONDS) as imap:
                imap.starttls(context)
                return _end_of(imap.sock)
        with smtplib.SMTP(server.host, server.port, timeout=_SECONDS) as smtp:
            smtp.starttls(context=context)
            return _end_of(smtp.sock)
    except (imaplib.IMAP4.error, smtplib.SMTPException) as error:
        raise OSError(str(error)) from error


def expires_at(host: str, port: int, ca_file: Path | None = None) -> datetime:
    """When the certificate ends that is shown from the first octet on. Raises OSError."""
    context = ssl.create_default_context(cafile=ca_file)
    with closing(socket.create_connection((host, port), timeout=_SECONDS)) as plain, \
            context.wrap_socket(plain, server_hostname=host) as encrypted:
        return _end_of(encrypted)


def _end_of(encrypted: object) -> datetime:
    shown = encrypted.getpeercert() if isinstance(encrypted, ssl.SSLSocket) else None
    if not shown:
        raise OSError("no certificate was shown")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
