"""Processes for work on files from strangers (home of pebble): limits, signals, and a pool that outlives its workers.

A worker that eats its memory, hangs or crashes costs itself and the file in its hands, nothing more. Workers are forked
from one process that has loaded the libraries (zygote.py) and end with the service, however it ends: the fork server
ends when the pipe closes of which the service alone has the other end, and its end is its children's
(PR_SET_PDEATHSIG, prctl(2)), even inside a library that never returns to Python.

A worker is closed in (confinement.py) before it sees a file, and what it answers is taken in with care
(answers.py): a file that takes a worker over has a folder with itself in it, what is given to that worker until it is
replaced, and nothing else.
"""

import contextlib
import ctypes
import gc
import importlib
import os
import resource
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from pebble import ProcessFuture, ProcessPool

from mailroom.memory import give_back
from mailroom.reading.answers import CarefulContext
from mailroom.reading.confinement import confine

T = TypeVar("T")

_TASKS_A_PROCESS = 200
"""After so many files, or small mails taken together, a process is replaced, so that what a library leaks does not pile
up."""
_ATTEMPTS = 3
_LOOK_SECONDS = 1.0
"""How often who waits for a worker looks whether its pool still lives."""
_PATIENCE_SECONDS = 90.0
"""So much longer than the longest work may take a pool may be without any sign of life: its workers may have to be
started on a busy machine."""
_MOST_FILES = 256
_MOST_OCTETS_WRITTEN = 1 << 30
_MOST_PROCESSES_MORE = 128
"""So many more than the service's user has when the worker starts (a thread counts); root is not bound by it."""


_ONE_THREAD = {"OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Of Tesseract, five times as fast so with one process a core; and of numpy, whose threads would each reserve address
space. Workers inherit it: by the time they could set it themselves numpy is loaded, with the program's own start."""


_FOLDERS = "mailroom-reading-"
"""Followed by the number of the process whose folder it is."""
_ZYGOTE = "mailroom.reading.zygote"
_PR_SET_PDEATHSIG = 1
_C = ctypes.CDLL(None)
_AT_REST = 230 << 20
"""Octets that a worker may hold between two files, for the next one needs the like; of what is free beyond them the
machine gets back what it can. Those 170 million are among them that it shares with the zygote."""


class Bounds(NamedTuple):
    """What a worker may use and see."""

    memory_megabytes: int
    """Address space."""
    lent: Path
    """Where what it is to read lies, under names that cannot be guessed."""
    scratch: Path
    """Where it makes a folder of its own."""
    readable: tuple[Path, ...] = ()
    """Besides the program and the system's libraries."""


class _Pool:
    """A pool of pebble's that leaves nobody waiting.

    What is not done when such a pool is stopped, or given to it in the moment in which it gives up, pebble forgets:
    its futures would never end.
    """

    def __init__(self, pool: ProcessPool) -> None:
        self._pool = pool
        self._waited_for: dict[Future[Any], float] = {}
        """With the seconds that each may take."""
        self._sign_of_life = time.monotonic()
        self._ended = False

    def schedule(self, work: Callable[..., T], arguments: tuple[object, ...], seconds: float) -> "ProcessFuture[T]":
        """Raises RuntimeError when the pool is stopped or broken."""
        if not self._waited_for:
            self._sign_of_life = time.monotonic()
        future: ProcessFuture[T] = self._pool.schedule(work, args=arguments, timeout=seconds)
        self._waited_for[future] = seconds
        future.add_done_callback(self._note_end)
        if self._ended:  # in between
            future.cancel()  # type: ignore[no-untyped-call]
        return future

    def loses(self, future: "ProcessFuture[Any]", patience: float) -> bool:
        """Wait for it; whether the pool gave up before it was done. `patience`: see _PATIENCE_SECONDS."""
        while True:
            try:
                return isinstance(future.exception(_LOOK_SECONDS), BrokenProcessPool)
            except CancelledError:
                return True
            except TimeoutError:  # of the waiting; that of the work is told, not raised
                if not self._pool.active or self._is_silent(patience):
                    return True

    def end(self) -> None:
        """Stop the workers; what they are doing is given up."""
        self._ended = True
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        for future in self._waited_for.copy():
            future.cancel()

    def _is_silent(self, patience: float) -> bool:
        """Whether nothing comes back though something must have by now. Pebble counts the time of a work from when a
        worker says that it has it; a worker that hangs before that, it waits for without end."""
        longest = max(self._waited_for.copy().values(), default=0)
        return time.monotonic() - self._sign_of_life > longest + patience

    def _note_end(self, future: Future[Any]) -> None:
        self._waited_for.pop(future, None)
        self._sign_of_life = time.monotonic()


class Processes:
    """A number of worker processes with an address space cap. Safe to be called from several threads.

    Workers are started by the first call, from a process that holds nothing of the parent.
    """

    def __init__(self, *, count: int, memory_megabytes: int, readable: tuple[Path, ...] = (),
                 patience: float = _PATIENCE_SECONDS) -> None:
        """`readable`: folders that a worker may open besides the program's own; they may be missing. `patience`: so
        many seconds longer than its work may take a pool may be silent before another one takes its place."""
        self._count = count
        self._patience = patience
        _forget_the_dead()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDERS}{os.getpid()}-"))
        self._bounds = Bounds(memory_megabytes, self._folder / "lent", self._folder / "scratch", readable)
        self._bounds.lent.mkdir()
        self._bounds.scratch.mkdir()
        self._lock = threading.Lock()
        os.environ.update(_ONE_THREAD)
        self._context = CarefulContext()
        self._context.set_forkserver_preload([_ZYGOTE])
        self._pool = self._new_pool()
        self._closed = False

    @contextlib.contextmanager
    def lend(self, file: Path) -> Iterator[str]:
        """A path by which the workers can open this file, for as long as it is needed. Raises OSError.

        It is a second name where that is possible: a worker can change neither.
        """
        path = self._bounds.lent / uuid4().hex
        try:
            try:
                os.link(file, path, follow_symlinks=False)
            except OSError:  # another file system, or one without such names
                shutil.copyfile(file, path)
            yield str(path)
        finally:
            path.unlink(missing_ok=True)

    def run(self, work: Callable[..., T], *arguments: object, seconds: float) -> "ProcessFuture[T]":
        """Do this work in a process and wait for it; the future that is returned has ended, well or with an error.

        `work` and its arguments are pickled. Raises RuntimeError when close() comes, or came, first. Errors in the
        future: TimeoutError after `seconds`, pebble's ProcessExpired when the process died, or what `work` raised.
        """
        for _ in range(_ATTEMPTS):
            pool, begun = self._pool, time.monotonic()
            try:
                future = pool.schedule(_tidily, (work, *arguments), seconds)
            except RuntimeError:
                self._replace(pool)
                continue
            if pool.loses(future, self._patience):
                self._replace(pool)
                continue
            self._sweep()
            if _clock_was_set(future, time.monotonic() - begun, seconds):
                continue
            return future
        raise RuntimeError("the pool of reading processes does not start")

    def close(self) -> None:
        """Stop the workers; what they are doing is given up, and nobody waits for it any longer."""
        with self._lock:
            self._closed = True
            self._pool.end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _new_pool(self) -> _Pool:
        return _Pool(ProcessPool(max_workers=self._count, max_tasks=_TASKS_A_PROCESS, initializer=_enter,
                                 initargs=(self._bounds,), context=self._context))

    def _sweep(self) -> None:
        """Take away what a worker has left behind that was ended in the middle."""
        for folder in self._bounds.scratch.iterdir():
            if not Path(f"/proc/{folder.name}").exists():
                shutil.rmtree(folder, ignore_errors=True)

    def _replace(self, broken: _Pool) -> None:
        """A new pool for one that has given up: pebble does when a worker dies while it has nothing to do. Raises
        RuntimeError when the processes were closed."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the reading processes are closed")
            if self._pool is not broken:
                return
            broken.end()
            self._pool = self._new_pool()


def _clock_was_set(future: "ProcessFuture[T]", took: float, seconds: float) -> bool:
    """Pebble goes by the machine's clock: where that was set ahead, work ends as if it had taken too long."""
    return isinstance(future.exception(), TimeoutError) and took < seconds


def _forget_the_dead() -> None:
    """Take away the folders of services that were killed: a letter that was being read may lie in one."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDERS}*-*"):
        if not Path(f"/proc/{folder.name.removeprefix(_FOLDERS).partition('-')[0]}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _enter(bounds: Bounds) -> None:
    """Set up a worker: what it may use, what it ignores, and that it ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which then closes the pool
    zygote = importlib.import_module(_ZYGOTE)  # is there since before the fork
    os.close(vars(forkserver._forkserver)["_forkserver_alive_fd"])  # who holds it keeps the fork server alive
    _C.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != zygote.PID:  # it was gone before the line above
        os._exit(1)
    _limit(bounds.memory_megabytes)
    own = bounds.scratch / str(os.getpid())
    own.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(own)
    os.chdir(own)
    confine(readable=bounds.readable, lent=bounds.lent, own=own)


def _tidily(work: Callable[..., T], *arguments: object) -> T:
    """In a worker: do this, and keep no memory for it that is free again."""
    try:
        return work(*arguments)
    finally:
        if _resident() > _AT_REST:
            gc.collect()
            give_back()


def _resident() -> int:
    """Octets of memory that this process has beside mapped files (proc_pid_statm(5))."""
    _, resident, files, *_ = map(int, Path("/proc/self/statm").read_text().split())
    return (resident - files) * resource.getpagesize()


def _limit(megabytes: int) -> None:
    """The kernel's own bounds (setrlimit(2))."""
    octets = megabytes * 1024 * 1024
    processes = _threads_of_user() + _MOST_PROCESSES_MORE
    for what, most in ((resource.RLIMIT_AS, octets), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, _MOST_FILES),
                       (resource.RLIMIT_FSIZE, _MOST_OCTETS_WRITTEN), (resource.RLIMIT_NPROC, processes)):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


def _threads_of_user() -> int:
    """What the kernel counts against RLIMIT_NPROC now."""
    count, me = 0, os.getuid()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if process.stat().st_uid == me:
                count += len(list((process / "task").iterdir()))
    return count

