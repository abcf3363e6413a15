"""The entry point: runs a command and lets every error leave in one line."""

import errno
import logging
import os
import sys
import threading
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from mailroom.cli.app import app
from mailroom.config import take_secrets
from mailroom.errors import MailroomError, exit_status
from mailroom.logs import configure_logs, described
from mailroom.memory import share_one_arena

_RIGHTS = ": run this as the user to whom it belongs („sudo mailroom …“ on a server), or give that user the right"
_REMEDIES = {errno.EACCES: _RIGHTS, errno.EPERM: _RIGHTS, errno.EROFS: ": name a place that can be written to",
             errno.ENOSPC: ": make room on that disk", errno.EDQUOT: ": make room within that user's quota"}
"""What to do where the system says no."""
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


def main() -> None:
    """The entry point: run a command, and let every error leave in one line."""
    take_secrets()
    share_one_arena()
    sys.excepthook = last_words
    threading.excepthook = lambda thread: last_words(thread.exc_type, thread.exc_value, thread.exc_traceback)
    try:
        # Not app(): it would put its own exception hook, with a traceback, in the place of ours.
        status = get_command(app)(sys.argv[1:] or ["--help"], standalone_mode=False)
    except typer.TyperException as error:
        fail(error.format_message(), error.exit_code)
    except MailroomError as error:
        fail(str(error), exit_status(error))
    except BrokenPipeError:
        # Whoever read us has gone (`mailroom export | head`); nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        fail(f"{error.filename or 'system'}: {error.strerror or error}{_REMEDIES.get(error.errno or 0, '')}", 1)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)
    sys.exit(status if isinstance(status, int) else 0)


def fail(sentence: str, status: int) -> NoReturn:
    """Say in one line what is wrong, and end."""
    print(f"mailroom: {' '.join(sentence.split())}", file=sys.stderr)
    sys.exit(status)


def last_words(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    """What nobody has foreseen still ends in one line; its message may hold a citizen's words and stays out."""
    what = described(error) if error else kind.__name__
    print(f"mailroom: unexpected {what}; please report it with this line", file=sys.stderr)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"mailroom {version('mailroom')}")
        raise typer.Exit


@app.callback()
def _options(
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Data directory, for any command.")] = None,
    _version: Annotated[bool, typer.Option(
        "--version", callback=_show_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    if data is not None:
        os.environ["MAILROOM_DATA"] = str(data)
    configure_logs(level=logging.WARNING)
