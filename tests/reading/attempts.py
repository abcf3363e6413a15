"""What a file might make of a reading process that it has taken over, tried inside one. Each tells the kernel's answer:
the name of the error, or that it was let do it."""

import ctypes
import errno
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

DONE = "done"


def answer_of(attempt: Callable[..., Any], *arguments: Any) -> str:
    """DONE, or the errno's name."""
    try:
        attempt(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    except MemoryError:
        return "MemoryError"
    return DONE


def open_socket(family: int) -> str:
    """A socket of this family, of either kind."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        answer = answer_of(lambda kind=kind: socket.socket(family, kind).close())
        if answer == DONE:
            return DONE
    return answer


def read_file(path: str) -> str:
    """Its first octet."""
    return answer_of(lambda: os.close(os.open(path, os.O_RDONLY)))


def list_folder(path: str) -> str:
    """Its names."""
    return answer_of(os.listdir, path)


def write_file(path: str) -> str:
    """An octet, into a file that is there or not."""
    return answer_of(lambda: Path(path).write_bytes(b"x"))


def alter(path: str) -> dict[str, str]:
    """A file, in every way that needs no descriptor."""
    return {"truncate": answer_of(os.truncate, path, 0), "chmod": answer_of(os.chmod, path, 0o777),
            "unlink": answer_of(os.unlink, path), "rename": answer_of(os.rename, path, path + "-2"),
            "link": answer_of(os.link, path, str(Path(tempfile.gettempdir()) / "mine")),
            "chown": answer_of(os.chown, path, 1, 1)}


def write_own() -> str:
    """What reading does need: a file of its own, which is gone afterwards."""
    with tempfile.NamedTemporaryFile() as file:
        return write_file(file.name)


def begin_process() -> dict[str, str]:
    """A process, in every way."""
    return {"fork": answer_of(_fork), "shell": answer_of(_run, "/bin/sh", "-c", "exit"),
            "python": answer_of(_run, sys.executable, "-c", ""), "helper": answer_of(_run, "catdoc", "-V")}


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _run(*command: str) -> None:
    subprocess.run(command, check=False, capture_output=True, timeout=10)


def reach_parent() -> dict[str, str]:
    """The service: its memory, its variables, its life."""
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getppid()

    def look_into() -> None:
        if libc.process_vm_readv(parent, None, 0, None, 0, 0) < 0:
            raise OSError(ctypes.get_errno(), "process_vm_readv")

    return {"foreign memory": answer_of(look_into), "memory": read_file(f"/proc/{parent}/mem"),
            "environment": read_file(f"/proc/{parent}/environ"), "signal": answer_of(os.kill, parent, signal.SIGCONT)}


def call(name: str) -> str:
    """A system call of this name that takes no arguments that matter."""
    numbers = {"unshare": 272, "memfd_create": 319, "io_uring_setup": 425, "bpf": 321, "mount": 165, "keyctl": 250}
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(numbers[name], 0x10000000 if name == "unshare" else 0, 0, 0, 0, 0)
    return DONE if result >= 0 else errno.errorcode[ctypes.get_errno()]


def take_memory(megabytes: int) -> str:
    """So much address space."""
    return answer_of(lambda: mmap.mmap(-1, megabytes << 20).close())


def open_many(path: str, count: int) -> str:
    """So many files at once."""
    opened: list[int] = []
    try:
        return answer_of(lambda: opened.extend(os.open(path, os.O_RDONLY) for _ in range(count)))
    finally:
        for descriptor in opened:
            os.close(descriptor)


def write_much(octets: int) -> str:
    """A file of its own that is so long."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with tempfile.TemporaryFile() as file:
        return answer_of(os.ftruncate, file.fileno(), octets)


def bounds() -> dict[str, int]:
    """The kernel's bounds that hold here, hard ones."""
    return {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1] for name in ("AS", "CORE", "NPROC")}


def threads() -> int:
    """How many there are; Landlock binds the one that asks for it."""
    return len(list(Path("/proc/self/task").iterdir()))


class Command:
    """A pickle that runs a command where it is read."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def answer_with_command(path: str) -> Command:
    """An answer that would be code."""
    return Command(path)
