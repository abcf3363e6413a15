#!/bin/sh
# Installs the mailroom on this machine from a checkout, or brings an installed one to the checkout's version:
#
#   sudo ./install.sh [--charter ID] [--services "UNIT …"] [--no-packages] [--no-start]
#
#   --charter ID    rule pack of the municipality, for the first installation (default: ruse)
#   --services      what this machine runs, where that is not the whole mailroom (docs/SIZES.md), for example
#                   --services "mailroom-work@1"; afterwards each update goes on with what it runs
#   --no-packages   Debian's packages are there already
#   --no-start      install, and start nothing
#   --credentials   only tell the units of the passwords in /etc/mailroom, after one was added
#
# May be repeated; asks nothing. What it makes:
#
#   /opt/mailroom/releases/…      the program, each version in a folder of its own; .venv leads to the one in use
#   /var/lib/mailroom             register, originals, mailroom.toml; for the user „mailroom“ alone
#   /var/backups/mailroom         backups
#   /etc/mailroom                 a file for each password, readable by root alone
#   /etc/systemd/system           units; started where systemd runs
#   /usr/local/bin/mailroom       the commands, as that user and with those passwords
#
# A new version is built beside the old one and rehearsed on a copy of the register before anything is stopped. When its
# upgrade fails, the old version goes on with the register as it was.
set -eu
umask 022

charter=ruse services='' packages=yes start=yes only_credentials=no
while [ $# -gt 0 ]; do
    case $1 in
        --charter) charter=${2:?--charter needs an id}; shift ;;
        --services) services=${2:?--services needs the names of units}; shift ;;
        --no-packages) packages=no ;;
        --no-start) start=no ;;
        --credentials) only_credentials=yes ;;
        -h | --help) sed -n '2,/^set /s/^#\( \|$\)//p' "$0"; exit 0 ;;
        *) echo "install.sh: $1 is not known; ./install.sh --help" >&2; exit 2 ;;
    esac
    shift
done

here=$(cd "$(dirname "$0")" && pwd)
prefix=/opt/mailroom data=/var/lib/mailroom backups=/var/backups/mailroom secrets=/etc/mailroom
units=/etc/systemd/system command=/usr/local/bin/mailroom
kept_releases=3

say() { echo "install.sh: $*"; }
fail() { echo "install.sh: $*" >&2; exit 1; }
booted() { [ -d /run/systemd/system ]; }
new_version() { (cd "$data" && MAILROOM_DATA=$data MAILROOM_PROGRAM=$release/bin/mailroom "$command" "$@"); }
running() { systemctl list-units --plain --no-legend --state=active 'mailroom*.service' | cut -d' ' -f1; }

[ "$(id -u)" -eq 0 ] || fail "root is needed: sudo ./install.sh"

make_user_and_folders() {
    getent passwd mailroom >/dev/null ||
        useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin mailroom
    install -d -m 755 "$prefix" "$prefix/releases"
    install -d -m 700 -o mailroom -g mailroom "$data" "$backups"
    install -d -m 700 "$secrets"
}

build_release() {
    release=$prefix/releases/$(date -u +%Y%m%dT%H%M%SZ)
    source=$(mktemp -d)
    trap 'rm -rf "$release" "$source"' EXIT
    say "building $release"
    /usr/bin/python3 -m venv "$release"
    pip="$release/bin/pip install -qq --disable-pip-version-check --no-input"
    $pip --require-hashes --requirement "$here/requirements.lock"
    # A copy of the checkout: the build leaves nothing there, and what is not ours is not taken along.
    tar -C "$here" --exclude=./.git --exclude=./.venv --exclude='*_cache' -cf - . | tar -C "$source" -xf -
    $pip --no-deps --no-build-isolation "$source"
    rm -rf "$source"
    install -m 644 "$here/README.md" "$here/CHANGELOG.md" "$release/"
}

# Every password of /etc/mailroom, to every unit that logs in somewhere. „pgpass“ is libpq's file of passwords.
give_credentials() {
    for unit in mailroom mailroom-watch mailroom-work@ mailroom-web mailroom-web-public mailroom-verify \
                mailroom-backup mailroom-failed@; do
        folder=$units/$unit.service.d
        install -d -m 755 "$folder"
        {
            echo "# Written by install.sh --credentials from the files in $secrets; changes of your own belong elsewhere."
            echo "[Service]"
            for file in "$secrets"/*; do
                [ -f "$file" ] || continue
                case $unit:$file in
                    mailroom-web-public:*/pgpass* | mailroom-backup:*/pgpass*) ;;
                    mailroom-web-public:* | mailroom-backup:*) continue ;;
                esac
                case $file in
                    *.cred) echo "LoadCredentialEncrypted=$(basename "$file" .cred):$file" ;;
                    *) echo "LoadCredential=$(basename "$file"):$file" ;;
                esac
                case $file in */pgpass | */pgpass.cred) echo "Environment=PGPASSFILE=%d/pgpass" ;; esac
            done
        } >"$folder/credentials.conf"
    done
    if booted; then systemctl daemon-reload; fi
}

# Once chosen, what a machine runs stays as it is: those that systemd starts here.
choose_services() {
    [ -z "$services" ] || return 0
    services=$(find "$units" -path "$units/*.target.wants/mailroom*" -printf '%f ')
    services=${services:-mailroom.service mailroom-verify.timer mailroom-backup.timer}
}

install_units() {
    install -m 644 "$here"/systemd/mailroom*.service "$here"/systemd/mailroom*.timer "$units/"
    give_credentials
    # shellcheck disable=SC2086 # several units
    systemctl --quiet enable $services
}

write_command() {
    cat >"$command" <<COMMAND
#!/bin/sh
# The mailroom's commands as its own user, with the passwords of $secrets. Written by install.sh.
set -eu
umask 022
export MAILROOM_DATA="\${MAILROOM_DATA:-$data}"
program=\${MAILROOM_PROGRAM:-$prefix/.venv/bin/mailroom}
unset MAILROOM_PROGRAM
[ "\$(id -u)" -eq 0 ] || exec "\$program" "\$@"
CREDENTIALS_DIRECTORY=\$(mktemp -d /run/mailroom-command.XXXXXX)
export CREDENTIALS_DIRECTORY
trap 'rm -rf "\$CREDENTIALS_DIRECTORY"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
chown mailroom: "\$CREDENTIALS_DIRECTORY"
for file in $secrets/*; do
    [ -f "\$file" ] || continue
    case \$file in
        *.cred) systemd-creds decrypt --name="\$(basename "\$file" .cred)" "\$file" \\
                    "\$CREDENTIALS_DIRECTORY/\$(basename "\$file" .cred)" ;;
        *) cp "\$file" "\$CREDENTIALS_DIRECTORY/" ;;
    esac
done
chown -R mailroom: "\$CREDENTIALS_DIRECTORY"
chmod -R go= "\$CREDENTIALS_DIRECTORY"
[ ! -f "\$CREDENTIALS_DIRECTORY/pgpass" ] || export PGPASSFILE="\$CREDENTIALS_DIRECTORY/pgpass"
setpriv --reuid=mailroom --regid=mailroom --init-groups env HOME=$data "\$program" "\$@"
COMMAND
    chmod 755 "$command"
}

# The old version runs until the new one has proved on a copy that it can take the register over.
bring_register() {
    if [ ! -f "$data/mailroom.toml" ]; then
        new_version init --charter "$charter" "$data"
        return
    fi
    new_version upgrade --check || fail "the new version cannot take the register over; nothing was changed"
    stopped=''
    if booted; then stopped=$(running); fi
    # shellcheck disable=SC2086 # several units
    if [ -n "$stopped" ]; then systemctl stop $stopped; fi
    if ! new_version upgrade; then
        # shellcheck disable=SC2086
        if [ -n "$stopped" ]; then systemctl start $stopped; fi
        fail "the upgrade failed; the version before goes on with the register as it was"
    fi
}

take_release() {
    if [ -d "$prefix/.venv" ] && [ ! -L "$prefix/.venv" ]; then
        mv "$prefix/.venv" "$prefix/.venv-before-install.sh"
    fi
    ln -s "$release" "$prefix/.venv.new"
    mv -T "$prefix/.venv.new" "$prefix/.venv"
    ln -sf "$release/README.md" "$release/CHANGELOG.md" "$prefix/" 2>/dev/null || true
    trap - EXIT
    # The ones in use and just before stay, to go back to.
    ls -1d "$prefix"/releases/* | head -n -"$kept_releases" | xargs -r rm -rf --
}

if [ "$only_credentials" = yes ]; then
    give_credentials
    say "the units know the passwords in $secrets; systemctl restart mailroom"
    exit 0
fi
if [ "$packages" = yes ]; then make -C "$here" -s debian; fi
make_user_and_folders
build_release
write_command
bring_register
take_release
choose_services
install_units
# shellcheck disable=SC2086 # several units
if booted && [ "$start" = yes ]; then systemctl restart $services; fi
say "done: $("$prefix/.venv/bin/mailroom" --version) in $prefix, data in $data"
say "next: edit $data/mailroom.toml, put each password into a file in $secrets, then"
say "      ./install.sh --credentials && mailroom check && systemctl restart mailroom"
