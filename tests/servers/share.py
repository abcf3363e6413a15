"""A network share that hangs on request: a file system in user space (bindfs, FUSE), whose server can be stopped."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_SECONDS = 10


class Share:
    """What lies in `folder` of the server is seen at `mount`; used as a context manager. Raises RuntimeError when the
    package is missing, or FUSE may not be used here."""

    def __init__(self, folder: Path, mount: Path) -> None:
        self.folder, self.mount = folder, mount
        self._server: subprocess.Popen[str] | None = None

    def hang(self, hanging: bool) -> None:
        """Who asks for anything waits in the kernel, until the server goes on."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP if hanging else signal.SIGCONT)

    def __enter__(self) -> Self:
        bindfs = shutil.which("bindfs")
        if bindfs is None or not os.access("/dev/fuse", os.R_OK | os.W_OK):
            raise RuntimeError("FUSE cannot be used here: apt-get install bindfs, and /dev/fuse must be ours")
        for place in (self.folder, self.mount):
            place.mkdir(parents=True, exist_ok=True)
        self._server = subprocess.Popen([bindfs, "-f", "-o", "attr_timeout=0,entry_timeout=0", self.folder, self.mount],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + _SECONDS
        while not self.mount.is_mount():
            if self._server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"no share can be had here: {self._server.communicate(timeout=1)[1]}")
            time.sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        assert self._server is not None
        self.hang(False)
        subprocess.run(["fusermount", "-u", "-z", self.mount], check=False, stdin=subprocess.DEVNULL)
        self._server.terminate()
        self._server.communicate()
