"""The sources there are, and what in the settings makes each. A new kind of source is one more line here."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from mailroom.config import Settings
from mailroom.errors import Misconfigured
from mailroom.model.arrival import Incoming
from mailroom.sources.imap import ImapMailbox
from mailroom.sources.maildir import Maildir
from mailroom.sources.scanfolder import ScanFolder
from mailroom.sources.source import Callbacks, Source, SourceState


def _mailboxes(settings: Settings, callbacks: Callbacks, dry_run: bool) -> Iterable[Source]:
    return [ImapMailbox(mailbox, callbacks, limits=settings.limits, dry_run=dry_run) for mailbox in settings.mailboxes]


def _maildirs(settings: Settings, callbacks: Callbacks, dry_run: bool) -> Iterable[Source]:
    return [Maildir(maildir, callbacks, limits=settings.limits, dry_run=dry_run) for maildir in settings.maildirs]


def _scan_folders(settings: Settings, callbacks: Callbacks, dry_run: bool) -> Iterable[Source]:
    return [ScanFolder(folder, callbacks, limits=settings.limits, dry_run=dry_run) for folder in settings.scan_folders]


SOURCES: Sequence[Callable[[Settings, Callbacks, bool], Iterable[Source]]] = (_mailboxes, _maildirs, _scan_folders)


def sources_for(
    settings: Settings, *, take: Callable[[Sequence[Incoming]], None],
    known: Callable[[str, Collection[str]], set[str]], report: Callable[[SourceState], None], dry_run: bool = False,
) -> list[Source]:
    """Every source that is configured. With `dry_run` nothing is changed on servers and in folders.

    Raises Misconfigured: a missing password or certificate authority, or two sources of one name.
    """
    callbacks = Callbacks(take=take, known=known, report=report)
    sources = [source for make in SOURCES for source in make(settings, callbacks, dry_run)]
    name, times = Counter(source.name for source in sources).most_common(1)[0] if sources else ("", 0)
    if times > 1:
        raise Misconfigured(f"mailroom.toml: {times} sources are named „{name}“: give each a name of its own")
    return sources
