"""How the program speaks to its operator (home of structlog's configuration).

Lines go to standard error: readable on a terminal, JSON otherwise (the journal, a container). An exception is told by
its type and place and never by its message, which may carry a citizen's words; what is logged are ids and counts.
"""

import logging
import logging.handlers
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

Event = MutableMapping[str, Any]

NOISY = ("alembic", "fontTools", "weasyprint", "pdfminer", "PIL", "watchfiles", "uvicorn.access", "procrastinate",
         "psycopg.pool", "imapclient", "httpx", "httpx2", "httpcore", "httpcore2")
"""Libraries whose chatter helps nobody who runs a mailroom; some of them repeat whole letters."""


def configure_logs(*, level: int = logging.INFO, file: Path | None = None, rotate_megabytes: int = 0,
                   keep: int = 0) -> None:
    """Send everything, the libraries' own logging included, through one formatter to standard error, or to a file.

    A file that grows over `rotate_megabytes` is put aside, and the last so many are kept; with 0 somebody else puts it
    aside (logrotate), and the next line opens it anew. Raises OSError when it cannot be written.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_exception_text,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if file is None and sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    handler = _handler(file, rotate_megabytes, keep)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    ))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _handler(file: Path | None, rotate_megabytes: int, keep: int) -> logging.Handler:
    if file is None:
        return logging.StreamHandler(sys.stderr)
    if rotate_megabytes:
        return logging.handlers.RotatingFileHandler(file, maxBytes=rotate_megabytes << 20, backupCount=keep,
                                                    encoding="utf-8")
    return logging.handlers.WatchedFileHandler(file, encoding="utf-8")


def without_exception_text(_logger: Any, _method: str, event: Event) -> Event:
    """Replace an exception by its type and place; its message and the values in its frames stay out of the log."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = described(error)
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        record.exc_info = record.exc_text = record.stack_info = None
    return event


def described(error: BaseException) -> str:
    """Type and place of an exception, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name} ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{place}"
