"""What the C library keeps of the memory that was given back to it (home of mallopt(3) and malloc_trim(3)).

Nothing happens where the C library knows neither.
"""

import ctypes

_C = ctypes.CDLL(None)
_M_ARENA_MAX = -8


def share_one_arena() -> None:
    """For a program with many threads, before the first of them: the C library would give each an arena of its own,
    with what one letter needed kept in every one. Python's lock lets one thread at a time ask for memory anyway."""
    if hasattr(_C, "mallopt"):
        _C.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """What is free goes back to the machine; some milliseconds."""
    if hasattr(_C, "malloc_trim"):
        _C.malloc_trim(0)
