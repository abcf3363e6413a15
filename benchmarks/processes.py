"""What a service's processes use, as the kernel counts it (proc(5))."""

import contextlib
import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Processes:
    """A process and all that it has started. One that has ended is remembered with what it had used."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._used: dict[int, float] = {}

    def pids(self) -> list[int]:
        """Those that live now, the first one first."""
        found = [self._pid]
        for pid in found:
            found += _children(pid)
        return found

    def cpu_seconds(self) -> float:
        """Processor time of all of them, as far as it was seen while they lived."""
        for pid in self.pids():
            with contextlib.suppress(OSError):
                self._used[pid] = _cpu_seconds(pid)
        return sum(self._used.values())

    def own_cpu_seconds(self) -> float:
        """Of the first alone: what its threads share out among themselves, one at a time (Python's lock)."""
        return _cpu_seconds(self._pid)

    def memory(self) -> int:
        """Octets that they hold, what several hold together counted once (PSS)."""
        return sum(map(_memory, self.pids()))

    def descriptors(self) -> int:
        """Open files, sockets and pipes."""
        return sum(map(_descriptors, self.pids()))

    def threads(self) -> int:
        """Of all of them."""
        return sum(len(_names(f"/proc/{pid}/task")) for pid in self.pids())


def most_memory(pid: int) -> int:
    """Octets that a process has held at most in its life, what it shares with others included."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in _names(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return found


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _descriptors(pid: int) -> int:
    return len(_names(f"/proc/{pid}/fd"))


def _names(folder: str) -> list[str]:
    with contextlib.suppress(OSError):
        return [path.name for path in Path(folder).iterdir()]
    return []
