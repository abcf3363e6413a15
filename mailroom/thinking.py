"""Understanding in a process beside the service's own, for mails that come many at a time.

In the service one thread computes at a time (Python's lock), and understanding is a third of what a mail costs there.
It is pure, so it can be done anywhere. The process is started by the first burst, and only then holds the vocabulary a
second time. Until it is ready, and whenever it does not answer, the service understands letters itself.

It is closed in like the reading processes (reading/processes.py), and what it says is taken in as text.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import structlog

from mailroom.charter.pack import load_pack
from mailroom.config import Settings
from mailroom.model.findings import Findings
from mailroom.model.learned import KindModel
from mailroom.model.letter import Letter
from mailroom.model.pack import Pack
from mailroom.reading.processes import Processes
from mailroom.understanding.knowledge import Knowledge, Mark, load_knowledge, mark_of
from mailroom.understanding.understand import understand

log = structlog.get_logger()

AT_LEAST = 4
"""Fewer letters are understood sooner than they are handed over."""
_SECONDS = 60
_START_SECONDS = 300
"""To read the vocabulary takes two or three on a machine that has nothing else to do."""

Asked = tuple[Letter, date]
"""A letter, and the local day on which it came."""


class _Rules(NamedTuple):
    """By what letters are understood."""

    folder: Path
    charter: str
    lexicon: Path
    version: str
    """Of the rule pack."""
    mark: Mark
    """Of the vocabulary, as the service has read it."""


class Thinking:
    """One such process. Safe to be asked from several threads; close it at the end."""

    def __init__(self, settings: Settings, pack: Pack) -> None:
        lexicon = settings.local_lexicon
        self._rules = _Rules(settings.rules, settings.charter, lexicon, pack.version, mark_of(settings.rules, lexicon))
        self._processes = Processes(count=1, memory_megabytes=settings.ocr.memory_megabytes,
                                    readable=(settings.rules, lexicon))
        self._allowed = self._closed = False
        self._ready = threading.Event()
        self._lock = threading.Lock()
        """Who begins, and who closes."""
        self._starting: threading.Thread | None = None

    def allow(self) -> None:
        """From now on it may be started: by a service, that is, since a command ends before it is ready."""
        self._allowed = True

    def understand_all(self, asked: Sequence[Asked], learned: KindModel | None) -> list[Findings] | None:
        """What understand() says of each letter; null when the asker is to do it: there are few, the
        process is not allowed or not ready, or one of them is more than it bears."""
        if not self._allowed or len(asked) < AT_LEAST:
            return None
        if not self._ready.is_set():
            self._begin()
            return None
        said = self._ask(asked, learned, _SECONDS)
        return None if said is None else [Findings.model_validate_json(one) for one in said]

    def close(self) -> None:
        """Stop the process, also one that is just being started."""
        with self._lock:
            self._closed = True
        self._processes.close()
        if self._starting:
            self._starting.join()

    def _begin(self) -> None:
        """Once, whoever asks."""
        with self._lock:
            if self._starting is None and not self._closed:
                self._starting = threading.Thread(target=self._start, name="mailroom-thinking", daemon=True)
                self._starting.start()

    def _start(self) -> None:
        if self._ask((), None, _START_SECONDS) is not None:
            self._ready.set()

    def _ask(self, asked: Sequence[Asked], learned: KindModel | None, seconds: float) -> list[str] | None:
        try:
            future = self._processes.run(_understand_all, self._rules, tuple(asked), learned, seconds=seconds)
        except RuntimeError:  # closed meanwhile, or it does not start
            self._ready.clear()
            return None
        if future.exception() is not None:
            self._ready.clear()  # from here on the service does it itself
            log.warning("thinking_failed", letters=len(asked))
            return None
        return future.result()


def _understand_all(rules: _Rules, asked: Sequence[Asked], learned: KindModel | None) -> list[str]:
    """In the process."""
    pack, knowledge = _read(rules)
    knowledge = replace(knowledge, learned=learned)
    return [understand(letter, pack, knowledge, came).model_dump_json() for letter, came in asked]


@lru_cache(maxsize=1)
def _read(rules: _Rules) -> tuple[Pack, Knowledge]:
    """Raises ValueError where the files are not those any more that the service has read."""
    pack = load_pack(rules.folder, rules.charter)
    if pack.version != rules.version or mark_of(rules.folder, rules.lexicon) != rules.mark:
        raise ValueError("the rules were changed after the service had read them")
    return pack, load_knowledge(rules.folder, rules.lexicon)
