"""Processes for work on files from strangers (home of pebble): limits, signals, and a pool that outlives its workers.

A worker that eats its memory, hangs or crashes costs itself and the file in its hands, nothing more. Workers end with
their parent, however it ends: each holds the reading end of a pipe whose other end only the parent has, and the
kernel's SIGIO at its closing ends them, even inside a library that never returns to Python. (PR_SET_PDEATHSIG would end
them with the thread that happened to start them.)
"""

import fcntl
import importlib
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from typing import TypeVar

from pebble import ProcessFuture, ProcessPool

T = TypeVar("T")

_TASKS_A_PROCESS = 200
"""After so many files a process is replaced, so that what a library leaks does not pile up."""
_ATTEMPTS = 3


class Processes:
    """A number of worker processes with an address space cap. Safe to be called from several threads.

    Workers are started by the first call, with `spawn`, so that they hold nothing of the parent.
    """

    def __init__(self, *, count: int, memory_megabytes: int, preload: str = "sys") -> None:
        """`preload` is the module that a worker loads when it starts, so that it takes no time from the first work."""
        self._count = count
        self._preload = preload
        self._megabytes = memory_megabytes
        self._lock = threading.Lock()
        self._alive, self._parent_end = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self._pool = self._new_pool()
        self._closed = False

    def run(self, work: Callable[..., T], *arguments: object, seconds: float) -> "ProcessFuture[T]":
        """Do this work in a process and wait for it; the future that is returned has ended, well or with an error.

        `work` and its arguments are pickled. Raises RuntimeError after close(). Errors in the future: TimeoutError
        after `seconds`, pebble's ProcessExpired when the process died, CancelledError when close() came first, or what
        `work` raised.
        """
        for _ in range(_ATTEMPTS):
            pool = self._pool
            try:
                future: ProcessFuture[T] = pool.schedule(work, args=arguments, timeout=seconds)
            except RuntimeError:
                self._replace(pool)
                continue
            if not future.cancelled() and isinstance(future.exception(), BrokenProcessPool):
                self._replace(pool)
                continue
            return future
        raise RuntimeError("the pool of reading processes does not start")

    def close(self) -> None:
        """Stop the workers; what they are doing is given up."""
        with self._lock:
            self._closed = True
            pool = self._pool
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()
        self._parent_end.close()
        self._alive.close()

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(max_workers=self._count, max_tasks=_TASKS_A_PROCESS, initializer=_enter,
                           initargs=(self._megabytes, self._alive, self._preload),
                           context=multiprocessing.get_context("spawn"))

    def _replace(self, broken: ProcessPool) -> None:
        """A new pool for one that has given up: pebble does when a worker dies while it has nothing to do."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the reading processes are closed")
            if self._pool is not broken:
                return
            broken.stop()  # type: ignore[no-untyped-call]
            broken.join()
            self._pool = self._new_pool()


def _enter(megabytes: int, alive: Connection, preload: str) -> None:
    """Set up a worker: what it may use, what it ignores, and that it ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes the pool
    descriptor = alive.fileno()
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)
    if alive.poll():  # the parent was gone before the line above
        os._exit(1)
    _KEPT.append(alive)
    os.environ["OMP_THREAD_LIMIT"] = "1"  # of Tesseract, five times as fast so with one process a core
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each thread of numpy's would reserve address space
    limit = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    importlib.import_module(preload)


_KEPT: list[Connection] = []
"""In a worker: the pipe, which must stay open."""
