"""Figures for Prometheus (home of prometheus-client): what this process has done, and how the register stands.

Every label has few values, known before: steps, states, kinds of outcome, the configured names of sources. Nothing of a
letter becomes a label or a figure. What a process has done it alone can tell, so each is asked for itself; how the
register stands, any of them answers.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

from mailroom.model.condition import Condition

__all__ = ["ARRIVALS", "CONTENT_TYPE", "FAILURES", "LETTERS", "PAGES", "exposition", "step"]

_PROCESS = CollectorRegistry()
_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

STEPS = Histogram("mailroom_step_seconds", "How long a step of a letter took.", ["step"], registry=_PROCESS,
                  buckets=_BUCKETS)
FAILURES = Counter("mailroom_failures", "Steps that failed and will be tried again.", ["where"], registry=_PROCESS)
ARRIVALS = Counter("mailroom_arrivals", "Letters taken in.", ["source"], registry=_PROCESS)
LETTERS = Counter("mailroom_letters", "Attempts to hand a letter over, by outcome.", ["outcome"], registry=_PROCESS)
PAGES = Counter("mailroom_ocr_pages", "Pages read by OCR.", registry=_PROCESS)
ProcessCollector(registry=_PROCESS)
PlatformCollector(registry=_PROCESS)


@contextmanager
def step(name: str, *, of: int = 1) -> Iterator[None]:
    """Measure one step, whatever comes of it; `of` so many letters, of which each took its share."""
    began = time.perf_counter()
    try:
        yield
    finally:
        took = time.perf_counter() - began
        for _ in range(of):
            STEPS.labels(step=name).observe(took / of)


def exposition(condition: Condition | None) -> bytes:
    """The text that Prometheus reads; without a condition (the register is away) what this process has done alone."""
    own: bytes = generate_latest(_PROCESS)
    return own + b"mailroom_up 0\n" if condition is None else own + generate_latest(_of(condition))


def _of(condition: Condition) -> CollectorRegistry:
    registry = CollectorRegistry()
    _gauge(registry, "mailroom_up", "Whether the register answers.", 1)
    _by(registry, "mailroom_items", "Letters with which somebody still has something to do.", "status",
        condition.items)
    _gauge(registry, "mailroom_items_unfinished", "Letters with a step to do.", condition.unfinished)
    _gauge(registry, "mailroom_items_stuck", "Letters that wait after a failure.", condition.stuck)
    _by(registry, "mailroom_outbox", "Outgoing letters that have not left, or have come back.", "status",
        condition.letters)
    for name, text, since in (
            ("mailroom_oldest_unfinished_seconds", "Age of the oldest letter with a step to do.",
             condition.oldest_unfinished),
            ("mailroom_oldest_due_mail_seconds", "How long the oldest mail that should have left waits.",
             condition.oldest_due_mail)):
        _gauge(registry, name, text, (condition.at - since).total_seconds() if since else 0)
    _gauge(registry, "mailroom_unscanned", "Files that the antivirus has not looked at yet.", condition.unscanned)
    _gauge(registry, "mailroom_originals_away", "1 while the folder of originals is not there, or does not answer.",
           bool(condition.originals))
    _gauge(registry, "mailroom_disk_free_bytes", "Free on the disk of the data directory.", condition.disk_free)
    _times(registry, condition)
    _sources(registry, condition)
    return registry


def _times(registry: CollectorRegistry, condition: Condition) -> None:
    if condition.backup_at:
        _gauge(registry, "mailroom_backup_timestamp_seconds", "When the last backup was made.",
               condition.backup_at.timestamp())
    if condition.verified:
        _gauge(registry, "mailroom_verify_faults", "What the last proof has found.", condition.verified.faults)


def _sources(registry: CollectorRegistry, condition: Condition) -> None:
    names = ["source"]
    up = Gauge("mailroom_source_up", "Whether the source works.", names, registry=registry)
    lag = Gauge("mailroom_source_silent_seconds", "Since the source last answered.", names, registry=registry)
    last = Gauge("mailroom_source_last_arrival_timestamp_seconds", "When its last letter came.", names,
                 registry=registry)
    waiting = Gauge("mailroom_source_waiting", "Its letters with a step to do.", names, registry=registry)
    for source in condition.sources:
        up.labels(source.name).set(0 if source.trouble else 1)
        waiting.labels(source.name).set(source.waiting)
        if source.seen_at:
            lag.labels(source.name).set((condition.at - source.seen_at).total_seconds())
        if source.last_arrival:
            last.labels(source.name).set(source.last_arrival.timestamp())


def _gauge(registry: CollectorRegistry, name: str, text: str, value: float) -> None:
    Gauge(name, text, registry=registry).set(value)


def _by(registry: CollectorRegistry, name: str, text: str, label: str, values: dict[str, int]) -> None:
    gauge = Gauge(name, text, [label], registry=registry)
    for value, number in values.items():
        gauge.labels(value).set(number)
