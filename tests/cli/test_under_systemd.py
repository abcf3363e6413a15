"""The units under a real systemd: started, watched, given their passwords, started again, told of when they fail."""

from pathlib import Path

import pytest

from tests.reading.material import page, saved
from tests.servers.systemd import may_boot, said_under_systemd

SECONDS = 900
SCRIPT = """
set -u
wait_for() { n=0; until sh -c "$1" >/dev/null 2>&1 || [ $n -ge 240 ]; do n=$((n + 1)); sleep 1; done; }
told() { echo "$1: $(for what in ActiveState Result NRestarts; do systemctl show $2 --value -p $what; done | xargs)"; }
data=/var/lib/mailroom
ip link set lo up
useradd --system --user-group --home-dir $data --no-create-home mailroom
install -d -m 700 -o mailroom -g mailroom $data /var/backups/mailroom
install -d -m 700 /etc/mailroom
printf 'very secret' > /etc/mailroom/smtp
cd $data
export PYTHONPATH=/opt/mailroom/checkout
as() { setpriv --reuid=mailroom --regid=mailroom --init-groups env HOME=$data MAILROOM_DATA=$data "$@"; }
as /opt/mailroom/.venv/bin/mailroom init --charter primerovo $data >/dev/null
install -d -o mailroom -g mailroom scans
cat > mailroom.toml <<CONFIGURATION
charter = "primerovo"
[[scan_folders]]
name = "scanner"
path = "scans"
[smtp]
host = "127.0.0.1"
port = 25
security = "none"
user = "mailroom"
password_secret = "smtp"
[troubles]
command = ["/usr/bin/tee", "-a", "$data/told"]
CONFIGURATION
for unit in mailroom mailroom-verify mailroom-failed@; do
    printf '[Service]\\nLoadCredential=smtp:/etc/mailroom/smtp\\n' > /etc/systemd/system/$unit.service.d/secret.conf
done
systemctl daemon-reload

systemctl start mailroom || { journalctl --no-pager -q -o cat -u mailroom; exit 1; }
told started mailroom
process=$(systemctl show mailroom --value -p MainPID)
grep -E 'CapEff|Seccomp:|NoNewPrivs' /proc/$process/status | tr -d '\\t'
install -o mailroom -g mailroom /said/letter.pdf scans/letter.pdf
cat > legible.py <<PYTHON
import sqlite3
found = sqlite3.connect("$data/register.db").execute("SELECT legible FROM item WHERE step = 'settled'").fetchall()
print("legible scans:", found)
raise SystemExit(not found)
PYTHON
wait_for "/opt/mailroom/.venv/bin/python legible.py"; /opt/mailroom/.venv/bin/python legible.py

systemctl start mailroom-verify; told verified mailroom-verify
systemctl start mailroom-backup; told 'backed up' mailroom-backup; stat -c '%U %a' /var/backups/mailroom/*

kill -KILL $(systemctl show mailroom --value -p MainPID)
came_back() { wait_for "[ \\$(systemctl show mailroom --value -p NRestarts) -ge $1 ] && systemctl is-active mailroom"; }
came_back 1; told killed mailroom
kill -STOP $(systemctl show mailroom --value -p MainPID)
came_back 2; told hung mailroom

systemctl stop mailroom; told stopped mailroom
echo 'nonsense = 1' >> mailroom.toml; systemctl start mailroom; sleep 10; told misconfigured mailroom
sed -i /nonsense/d mailroom.toml; systemctl start mailroom-failed@mailroom.service.service
cat told
"""


@pytest.mark.long
@pytest.mark.timeout(SECONDS)
@pytest.mark.skipif(not may_boot(), reason="needs root, systemd, and leave to mount and to make namespaces")
def test_the_units_do_under_a_real_systemd_what_they_promise(tmp_path: Path) -> None:
    """Closed in as they are, they read a scan; killed or hanging they come back; wrongly configured they stay down."""
    said = said_under_systemd(SCRIPT, tmp_path, seconds=SECONDS - 60, files={"letter.pdf": saved(page(), "PDF")})
    for line in ("started: active success 0", "CapEff:0000000000000000", "NoNewPrivs:1", "Seccomp:2",
                 "legible scans: [(1,)]", "verified: inactive success 0", "backed up: inactive success 0",
                 "mailroom 600", "killed: active success 1", "hung: active success 2", "stopped: inactive success 0",
                 "misconfigured: failed exit-code", "Услугата mailroom.service спря с грешка"):
        assert line in said, said
    assert "very secret" not in said
