"""`install.sh` on a machine that is thrown away: the folders that it writes into are mounted empty over the real ones,
in a mount namespace of its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THROWAWAY = """
set -eu
for folder in /etc /opt /var/lib /var/backups /usr/local/bin; do
    mkdir -p "$folder" "$1$folder/upper" "$1$folder/work"
    mount -t overlay overlay -o "lowerdir=$folder,upperdir=$1$folder/upper,workdir=$1$folder/work" "$folder"
done
rm -rf /opt/mailroom /var/lib/mailroom
cd "$2"
"""
"""$1: a folder on a file system that may be an upper layer; $2: the checkout."""


def may_mount() -> bool:
    """Only root may, and not in every container."""
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return os.geteuid() == 0 and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def on_a_throwaway_machine(script: str, folder: Path) -> str:
    """What the script says there."""
    subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
    try:
        done = subprocess.run(["unshare", "--mount", "sh", "-c", THROWAWAY + script, "sh", folder, ROOT],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.skipif(not may_mount(), reason="needs root, and leave to mount")
def test_a_server_is_installed_by_one_line_and_brought_up_to_date_by_the_same(tmp_path: Path) -> None:
    """User, folders closed to others, units, the command with its passwords; a second run changes the version, and not
    what the machine runs. The password of a database server reaches the backup, and no other the citizens' page."""
    said = on_a_throwaway_machine("""
./install.sh --no-packages --charter primerovo
stat -c '%U %a %n' /var/lib/mailroom /var/backups/mailroom /etc/mailroom /var/lib/mailroom/register.db
umask 077; printf secret > /etc/mailroom/imap
./install.sh --credentials
grep -h LoadCredential /etc/systemd/system/mailroom.service.d/credentials.conf
ls /etc/systemd/system/multi-user.target.wants/mailroom.service /etc/systemd/system/timers.target.wants
mailroom check
first=$(readlink /opt/mailroom/.venv)
sleep 1
systemctl --quiet disable mailroom-backup.timer
printf db:5432:mailroom:mailroom:secret > /etc/mailroom/pgpass
./install.sh --no-packages
ls /etc/systemd/system/timers.target.wants | sed 's/^/still: /'
grep -Hc PGPASSFILE=%d/pgpass /etc/systemd/system/mailroom-backup.service.d/credentials.conf
grep -Hc imap /etc/systemd/system/mailroom-web-public.service.d/credentials.conf || true
[ "$(readlink /opt/mailroom/.venv)" != "$first" ] && ls -1 /opt/mailroom/releases | wc -l
mailroom export && mailroom users list
ls -A /run | grep -c mailroom-command || true
""", tmp_path)
    assert "First log-in: admin / " in said and said.count("First log-in") == 1
    for line in ("mailroom 700 /var/lib/mailroom\n", "mailroom 700 /var/backups/mailroom\n", "root 700 /etc/mailroom\n",
                 "mailroom 600 /var/lib/mailroom/register.db\n", "LoadCredential=imap:/etc/mailroom/imap\n",
                 "mailroom-verify.timer\n", "ok    permissions: ", "ok    nothing to do\n", "\n2\n"):
        assert line in said, line
    assert "ok    charter primerovo" in said and said.rstrip().endswith("\n0")
    assert "still: mailroom-verify.timer" in said and "still: mailroom-backup.timer" not in said
    assert "mailroom-backup.service.d/credentials.conf:1\n" in said
    assert "mailroom-web-public.service.d/credentials.conf:0\n" in said
    assert shutil.which("mailroom", path="/usr/local/bin") is None
