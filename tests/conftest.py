"""What many tests need: real servers, started once for the whole run."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

_DEAR = frozenset({"web", "journeys", "cli", "faults", "watching", "dispatch", "sources", "store",
                   "reading", "learning"})
"""Folders whose tests start servers and services, or read pictures: a second and more each."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of dear tests first, then those of many: so two processes, file by file, end together."""
    many = Counter(item.path for item in items)
    items.sort(key=lambda item: (_DEAR.isdisjoint(item.path.parts), -many[item.path], item.path))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority and one certificate for localhost."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def _smtp_server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def smtp_server(_smtp_server: SmtpServer) -> Iterator[SmtpServer]:
    """An SMTP server without TLS on the loopback interface, empty and well behaved at the start of each test."""
    yield _smtp_server
    _smtp_server.forget()


@pytest.fixture(scope="session")
def _dovecot(authority: Authority) -> Iterator[Dovecot]:
    with Dovecot(authority) as server:
        yield server


@pytest.fixture
def dovecot(_dovecot: Dovecot) -> Dovecot:
    """The IMAP server of the whole run, running; take a user name that no other test takes."""
    if not _dovecot.running:
        _dovecot.start()
    return _dovecot
