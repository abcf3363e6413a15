"""A machine that is thrown away, with a systemd of its own: everything below an overlay, in namespaces of its own, with
the units of the checkout, its program as /opt/mailroom/.venv, and the user `mailroom`."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = Path("/lib/systemd/systemd")
_END = "the script has ended"
_BOOT = f"""
set -eu
folder=$1 checkout=$2 program=$3
mount --make-rprivate /
mount -t tmpfs none "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
root=$folder/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,ro,bind "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 none "$root/run"
mount -t tmpfs -o mode=755 none "$root/dev"
mkdir "$root/run/lock" "$root/dev/pts" "$root/dev/shm"
mount -t tmpfs none "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
    mknod -m 666 "$root/dev/${{device%%:*}}" c $(echo "${{device#*:}}" | tr : ' ')
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir -p "$root/said"
mount --bind "$4" "$root/said"
rm -rf "$root/opt/mailroom" "$root/var/lib/mailroom"
opt=$root/opt/mailroom
mkdir -p "$opt/.venv" "$opt/checkout" "$folder/venv" "$folder/venv-work"
mount --bind "$checkout" "$opt/checkout"
mount -t overlay overlay -o "lowerdir=$program,upperdir=$folder/venv,workdir=$folder/venv-work" "$opt/.venv"
sed -i '1s|.*|#!/opt/mailroom/.venv/bin/python3|' "$opt/.venv/bin/mailroom"
cp "$checkout"/systemd/mailroom* "$root/etc/systemd/system/"
for unit in "$root"/etc/systemd/system/mailroom*.service; do
    mkdir "$unit.d"
    printf '[Service]\\nEnvironment=PYTHONPATH=/opt/mailroom/checkout\\n' > "$unit.d/checkout.conf"
done
cat > "$root/etc/systemd/system/script.service" <<UNIT
[Service]
Type=oneshot
StandardOutput=append:/said/said
StandardError=append:/said/said
ExecStart=/bin/sh /said/script
ExecStopPost=/bin/echo {_END}
UNIT
ln -s /dev/null "$root/etc/systemd/system/systemd-tmpfiles-setup.service"  # it would empty /tmp
printf '[Unit]\\nRequires=systemd-journald.service\\nWants=script.service\\n' > "$root/etc/systemd/system/try.target"
mkdir "$root/before"
cd "$root"
pivot_root . before
umount -l /before
mount --make-rshared /
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv --bounding-set=-sys_module,-sys_time,-sys_boot \\
    {PROGRAM} --system --unit=try.target --log-target=null --show-status=0
"""
"""$1: a folder to mount over; $2: the checkout; $3: its .venv; $4: a folder with the script, in which
what it says is written. Checkout and .venv are put where the units see them, whatever they hide."""
_NAMESPACES = ("--mount", "--pid", "--fork", "--uts", "--ipc", "--cgroup", "--net", "--kill-child")


def may_boot() -> bool:
    """Only root may, and not in every container."""
    if os.geteuid() != 0 or not PROGRAM.exists() or _cgroups() is None:
        return False
    probe = ["unshare", *_NAMESPACES, "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def said_under_systemd(script: str, folder: Path, *, seconds: float, files: Mapping[str, bytes]) -> str:
    """What the script says, as root on that machine; ended after so many seconds at the latest. `files` lie in /said.
    """
    over, said = folder / "machine", folder / "said"
    over.mkdir()
    said.mkdir()
    for name, content in (*files.items(), ("script", script.encode())):
        (said / name).write_bytes(content)
    out, until = said / "said", time.monotonic() + seconds
    out.touch()
    with _cgroup() as group:
        enter = f'echo $$ > "{group}/cgroup.procs" && exec unshare {" ".join(_NAMESPACES)} sh -c "$0" sh "$@"'
        told = [over, ROOT, (ROOT / ".venv").resolve(), said]
        machine = subprocess.Popen(["sh", "-c", enter, _BOOT, *told], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while _END not in out.read_text("utf-8") and machine.poll() is None and time.monotonic() < until:
                time.sleep(0.5)
        finally:
            machine.kill()
            machine.wait()
    return out.read_text("utf-8")


def _cgroups() -> Path | None:
    """Where the kernel's control groups of version 2 are mounted."""
    for line in Path("/proc/mounts").read_text("utf-8").splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    return None


@contextmanager
def _cgroup() -> Iterator[Path]:
    """A group of its own, removed with what systemd has made in it."""
    cgroups = _cgroups()
    assert cgroups is not None
    group = cgroups / f"mailroom-test-{os.getpid()}"
    group.mkdir()
    try:
        yield group
    finally:
        for _ in range(20):  # what was killed takes a moment to go
            subprocess.run(["find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"], capture_output=True,
                           check=False)
            if not group.exists():
                break
            time.sleep(0.2)
