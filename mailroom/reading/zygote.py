"""The process from which reading processes are forked: it holds everything that reading needs, and never sees a file.

It is started by the service's first reading process as a program of its own (multiprocessing's fork server), so that
it holds nothing of the service; the libraries are loaded in it once, and its children share the memory of that as long
as they do not write to it. A child is ready in hundredths of a second instead of two whole ones.
"""

import atexit
import contextlib
import gc
import os
import signal
from multiprocessing import forkserver, spawn
from pathlib import Path
from typing import Any

from mailroom.config import OcrSettings
from mailroom.reading import work
from mailroom.reading.charset import decode
from mailroom.reading.tesseract import load_models

__all__ = ["PID", "work"]

PID = os.getpid()
"""Of this process; its children know by it that it lives."""


def _nothing(_main: Any) -> None:
    """A child needs nothing of the program that asked for it: all of it would be loaded anew into each."""


def _end() -> None:
    """Take away the folder with our socket, which a service that was killed has left. Nothing else is worth to be put
    in order, and libraries complain of how it is done."""
    socket = Path(vars(forkserver._forkserver)["_forkserver_address"])
    with contextlib.suppress(OSError):
        socket.unlink(missing_ok=True)
        socket.parent.rmdir()
    os._exit(0)


load_models(OcrSettings().languages)
decode("Здравейте".encode("windows-1251"), None)  # loads what knows charsets by their letters
vars(spawn).update(_fixup_main_from_path=_nothing, _fixup_main_from_name=_nothing)
atexit.register(_end)
signal.signal(signal.SIGTERM, signal.SIG_IGN)  # sent to all of us, it is for the service, which lets what is read end
gc.collect()
gc.freeze()  # what lies here stays: a collector that went through it in a child would copy every page of it
