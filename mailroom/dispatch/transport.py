"""By which way mail leaves, chosen by the settings."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from mailroom.config import Settings
from mailroom.dispatch.folder import Folder
from mailroom.dispatch.smtp import Smtp
from mailroom.model.outgoing import Outgoing


class Carrier(Protocol):
    """What hands a letter over."""

    def deliver(
        self, outgoing: Outgoing, from_name: str, from_address: str, before_data: Callable[[], None] = ...,
        back_to: str = ...,
    ) -> None:
        """Hand one letter over. Raises TryAgain, NeedsPerson or Unsure; see Smtp.deliver."""
        ...


class Transport(Carrier, Protocol):
    """The way by which letters leave."""

    def connection(self) -> AbstractContextManager[Carrier]:
        """For letters that go one after the other."""
        ...

    def check(self) -> None:
        """Whether a letter could be handed over now. Raises TryAgain with what is wrong."""
        ...


def transport_for(settings: Settings) -> Transport | None:
    """A folder where one is configured, else the SMTP server, else null: letters are written and nothing leaves.

    Raises Misconfigured when the server's password is missing.
    """
    if settings.outgoing.folder:
        return Folder(settings.outgoing.folder)
    return Smtp(settings.smtp) if settings.smtp else None
