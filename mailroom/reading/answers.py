"""What comes back from a reading process, taken in as data and never as code.

Processes speak in pickles, and whoever reads a pickle does what its writer wants (docs.python.org/3/library/pickle).
A file that has taken a reading process over would be that writer. So here a pickle makes what this list names: the
model's values, plain data, the pool's own messages, Python's own errors. Everything else becomes an `Unfamiliar`, which
does nothing: the error of a library, told by its name.
"""

import builtins
import io
import os
import pickle
from enum import Enum
from multiprocessing import reduction
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Any
from zoneinfo import ZoneInfo

from pebble.common.types import RemoteException, Result, ResultStatus
from pebble.pool.process import Acknowledgement, TaskProblem, TaskResult
from pydantic import BaseModel

_MODEL = "mailroom.model."
_PLAIN = frozenset({("builtins", "set"), ("builtins", "frozenset"), ("builtins", "bytearray"),
                    ("datetime", "datetime"), ("datetime", "date"), ("datetime", "time"), ("datetime", "timedelta"),
                    ("datetime", "timezone"), ("zoneinfo", "ZoneInfo"), ("pydantic_core._pydantic_core", "TzInfo")})


class Unfamiliar(Exception):
    """Stands for whatever is not on the list; its name is the thing's own."""

    def __setstate__(self, state: Any) -> None:
        """What it knew of itself is nobody's concern."""


def _raised(error: Any, *_traceback: Any) -> Any:
    """The error alone: the text of its traceback may carry a citizen's words."""
    return error


def _zone(key: str, _from_cache: object) -> ZoneInfo:
    """A time zone by its name; zoneinfo itself refuses names that lead out of its data."""
    return ZoneInfo(key)


def _member(kind: Any, name: str) -> Any:
    """Of an enumeration, or how a time zone is made: all for which a pickle may want `getattr`. Raises
    UnpicklingError."""
    if isinstance(kind, type) and issubclass(kind, Enum) and name in kind.__members__:
        return kind[name]
    if kind is ZoneInfo and name == "_unpickle":
        return _zone
    raise pickle.UnpicklingError("only a member of an enumeration may be asked for")


_OURS: dict[tuple[str, str], Any] = {
    (RemoteException.__module__, RemoteException.rebuild_exception.__qualname__): _raised,
    ("builtins", "getattr"): _member,
    **{(kind.__module__, kind.__qualname__): kind
       for kind in (Result, ResultStatus, Acknowledgement, TaskProblem, TaskResult)},
}
_LONGEST = 1 << 30
"""Octets of an answer; a longer one would be a lie, or a file that is too large to show."""
_CANNOT_BE_READ = (ArithmeticError, AttributeError, BufferError, EOFError, ImportError, LookupError, MemoryError,
                   OSError, RuntimeError, TypeError, ValueError)
"""What a pickle without sense can make the library raise."""


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """What the pickle may call: a class of the list, or one that does nothing."""
        if (module, name) in _OURS:
            return _OURS[module, name]
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        found = getattr(builtins, name, None) if module == "builtins" else None
        if isinstance(found, type) and issubclass(found, BaseException):
            return found
        if module.startswith(_MODEL) and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and issubclass(found, BaseModel | Enum):
                return found
        return type(name.rpartition(".")[2], (Unfamiliar,), {})


class Senseless(OSError):
    """A reading process gave an answer that none of its own code gives. The pool then begins anew."""


def read_answer(octets: bytes) -> Any:
    """The pool's message in a pickle from a reading process. Raises Senseless for what is none."""
    try:
        answer = _Reader(io.BytesIO(octets)).load()
    except (pickle.UnpicklingError, *_CANNOT_BE_READ) as error:
        raise Senseless("a reading process gave an answer that cannot be read") from error
    if not _is_message(answer):
        raise Senseless("a reading process gave an answer that is none")
    return answer


def _is_message(answer: Any) -> bool:
    """Of the shape that the pool's own threads, which nobody starts again, rely on."""
    if isinstance(answer, Acknowledgement):
        return isinstance(answer.worker, int) and isinstance(answer.task, int)
    if isinstance(answer, TaskProblem):
        return isinstance(answer.task, int) and isinstance(answer.error, BaseException)
    if not isinstance(answer, TaskResult) or not isinstance(answer.task, int):
        return False
    result = answer.result
    return isinstance(result, Result) and (
        result.status is ResultStatus.SUCCESS or isinstance(result.value, BaseException))


class _CarefulConnection(Connection):
    """The end of a pipe at which the service reads. In a worker it is an ordinary one."""

    def recv(self) -> Any:
        """One message."""
        return read_answer(self.recv_bytes(_LONGEST))


class CarefulContext(ForkServerContext):
    """`forkserver`, with such pipes."""

    def Pipe(self, duplex: bool = True) -> Any:  # noqa: N802 - the name is multiprocessing's
        """A reading and a writing end."""
        reader, writer = super().Pipe(duplex)
        with reader:
            return _CarefulConnection(os.dup(reader.fileno()), writable=duplex), writer


def _ordinary(connection: _CarefulConnection) -> Any:
    return _rebuilt, (reduction.DupFd(connection.fileno()), connection.readable, connection.writable)


def _rebuilt(descriptor: Any, readable: bool, writable: bool) -> "Connection[Any, Any]":
    return Connection(descriptor.detach(), readable, writable)


reduction.register(_CarefulConnection, _ordinary)
