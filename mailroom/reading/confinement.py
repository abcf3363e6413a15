"""What a reading process may not do, whatever a file makes of the parser in it (home of landlockpy and pyseccomp).

1. Landlock (landlock(7)): it opens the program, the system's libraries and data, and what is handed to it; it writes in
   a folder of its own; it sees no data directory, no configuration, no credential, and signals nobody outside.
2. seccomp (seccomp(2)): no socket of any kind, no new process but a program that is waited for (catdoc, tesseract),
   no other process's memory, no change of modes, owners or links of files, nothing of namespaces, mounts or the kernel.
3. Both hold for every program that it starts, and cannot be taken back.

A kernel without Landlock is told of by `mailroom check` and in the log; the rest holds there too.
"""

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import landlockpy
import pyseccomp
from landlockpy import AccessFS, LandlockError, Scope

from mailroom.config import PACKAGE_ROOT, packaged

_READ = AccessFS.READ_FILE | AccessFS.READ_DIR
_WRITE = (_READ | AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.MAKE_REG | AccessFS.MAKE_DIR
          | AccessFS.REMOVE_FILE | AccessFS.REMOVE_DIR)
_OF_FILES = AccessFS.EXECUTE | AccessFS.WRITE_FILE | AccessFS.READ_FILE | AccessFS.TRUNCATE

_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/magic", "/etc/mime.types",
           "/etc/fonts", "/proc/self", "/sys/devices/system/cpu", "/dev/urandom", "/dev/zero")
"""What libraries read. Not /etc, where credentials lie, and of /proc nothing of other processes."""
_HELPERS = ("catdoc", "tesseract")
"""Programs that reading starts: old Word documents, and the words behind a page's picture."""
_LOADERS = ("/lib64/ld-linux-*.so.*", "/lib/ld-linux-*.so.*")
"""What the kernel starts to start them (ld.so(8))."""

_REFUSED = (
    # the network, and every other process that listens
    "socket", "socketpair", "socketcall", "connect", "bind", "listen", "accept", "accept4",
    # a way around this filter
    "io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_create", "memfd_secret", "execveat",
    # other processes of the same user
    "fork", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd", "pidfd_open",
    "shmget", "shmat", "msgget", "semget", "mq_open", "keyctl", "add_key", "request_key",
    # files without opening them, where Landlock says nothing
    "truncate", "truncate64", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
    "chown32", "fchown32", "lchown32", "link", "linkat", "mknod", "mknodat", "setxattr", "lsetxattr", "fsetxattr",
    "removexattr", "lremovexattr", "fremovexattr", "name_to_handle_at", "open_by_handle_at", "fanotify_init",
    # the system
    "unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount", "fspick",
    "move_mount", "open_tree", "mount_setattr", "bpf", "perf_event_open", "userfaultfd", "personality", "syslog",
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff",
    "acct", "quotactl", "quotactl_fd", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "sethostname",
    "setdomainname", "iopl", "ioperm", "vhangup", "lookup_dcookie", "nfsservctl",
)
_CLONE_VFORK, _CLONE_THREAD = 0x4000, 0x10000
_NAMESPACES = (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
"""CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (clone(2))."""
_TIOCSTI = 0x5412
"""Types into somebody's terminal (ioctl_tty(2))."""
_UNKNOWN = -1
"""__NR_SCMP_ERROR (seccomp_syscall_resolve_name(3))."""


def landlock_version() -> int:
    """Version of Landlock's interface in this kernel; 0 where it has none, is started without it, or a unit's filter
    of system calls forbids it."""
    try:
        return landlockpy.abi_version()
    except LandlockError:
        return 0


def confine(*, readable: Iterable[Path], lent: Path, own: Path) -> None:
    """Close this process in, for good. Raises RuntimeError where a second thread would stay outside.

    readable: folders besides the program's and the system's, which may be missing; `lent`: a folder in which a file
    can be opened by who knows its name, and not listed; `own`: the only folder in which it writes.
    """
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        raise RuntimeError("a library has started a thread before the reading process was closed in")
    if landlock_version():
        _confine_files(readable, lent, own)
    _confine_calls()


def _confine_files(readable: Iterable[Path], lent: Path, own: Path) -> None:
    with landlockpy.Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL) as rules:
        for path in (*_program(), *map(Path, _SYSTEM), *readable):
            _allow(rules, path, _READ)
        for path in _startable():
            _allow(rules, path, AccessFS.EXECUTE | AccessFS.READ_FILE)
        _allow(rules, Path("/dev/null"), AccessFS.READ_FILE | AccessFS.WRITE_FILE)
        _allow(rules, lent, AccessFS.READ_FILE)
        _allow(rules, own, _WRITE)
        rules.restrict()


def _program() -> Iterator[Path]:
    """Where Python, the packages, this program and the models of the OCR lie."""
    yield from (Path(sys.prefix), Path(sys.base_prefix), PACKAGE_ROOT, packaged("rules"))
    models = os.environ.get("TESSDATA_PREFIX")
    if models:
        yield Path(models)


def _startable() -> Iterator[Path]:
    yield from (Path(found) for found in map(shutil.which, _HELPERS) if found)
    for pattern in _LOADERS:
        yield from Path("/").glob(pattern.lstrip("/"))


def _allow(rules: landlockpy.Ruleset, path: Path, access: AccessFS) -> None:
    """Nothing for what is not there: what could be made there later is not meant."""
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return
    rules.allow_path(path, access if is_folder else access & _OF_FILES)


def _confine_calls() -> None:
    """Each refused call fails with EPERM, as it does for who has no right to it; clone3, of which a filter cannot see
    the flags, is missing, and the C library takes clone."""
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    no = pyseccomp.ERRNO(errno.EPERM)
    for name in _REFUSED:
        _refuse(rules, no, name)
    _refuse(rules, pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    # A child that is waited for, as subprocess makes it, or a thread; nothing that multiplies.
    _refuse(rules, no, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_VFORK | _CLONE_THREAD, 0))
    for namespace in _NAMESPACES:
        _refuse(rules, no, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, namespace, namespace))
    _refuse(rules, no, "ioctl", pyseccomp.Arg(1, pyseccomp.EQ, _TIOCSTI))
    rules.load()


def _refuse(rules: "pyseccomp.SyscallFilter", action: int, name: str, *when: "pyseccomp.Arg") -> None:
    """A call that this machine's libseccomp does not know needs no refusal."""
    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    if number != _UNKNOWN:
        rules.add_rule(action, number, *when)
