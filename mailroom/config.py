"""One frozen Settings from mailroom.toml, the environment and systemd credentials, checked before any work.

Order of precedence: environment (`MAILROOM_…`, parts joined by `__`), then mailroom.toml. A secret is never written in
mailroom.toml: a field that ends in `_secret` names it, and the value comes from the environment variable
`MAILROOM_SECRET_<NAME>` or from the systemd credential `<name>` in `$CREDENTIALS_DIRECTORY`.
"""

import os
import tomllib
from datetime import date, time
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from mailroom.errors import Misconfigured

CONFIG_NAME = "mailroom.toml"
_NO_SUCH_SETTING = "there is no such setting: „mailroom init“ in an empty folder writes a file with all of them"
PACKAGE_ROOT = Path(__file__).resolve().parent


class Section(BaseModel):
    """A table of mailroom.toml; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Security(StrEnum):
    """Transport security of a connection (RFC 8314)."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"
    """Only on the loopback interface; checked."""


class Settle(StrEnum):
    """What happens to a message on the server, or to a scanned file, once it is safe with us."""

    LEAVE = "leave"
    MOVE = "move"


class OAuth2Settings(Section):
    """Log-in with access tokens (RFC 6749) instead of a password: Microsoft 365 and Google take no other.

    microsoft: `tenant`, `client_id`, `client_secret` of an application that may open this mailbox.
    google: `service_account_secret`, the JSON key of a service account to which the domain has delegated; or
    `client_id`, `client_secret` and `refresh_token_secret`, for which somebody has consented once.
    other: `token_url`, `scope`, `client_id`, `client_secret`, and `refresh_token_secret` where somebody has consented.
    """

    provider: Literal["microsoft", "google", "other"]
    tenant: str = ""
    """Directory (tenant) ID of Entra ID."""
    client_id: str = ""
    client_secret: str = ""
    """Name of the secret."""
    refresh_token_secret: str = ""
    service_account_secret: str = ""
    token_url: str = ""
    """Empty: the provider's own."""
    scope: str = ""
    """Empty: the provider's own for mail."""

    @model_validator(mode="after")
    def _complete_and_encrypted(self) -> "OAuth2Settings":
        needed = {"microsoft": ("tenant", "client_id", "client_secret"), "other": ("token_url", "client_id"),
                  "google": () if self.service_account_secret else ("client_id", "client_secret",
                                                                    "refresh_token_secret")}[self.provider]
        missing = [name for name in needed if not getattr(self, name)]
        if missing:
            raise ValueError(f"for „{self.provider}“ there must be {' and '.join(missing)} too")
        if self.token_url and not self.token_url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("token_url must begin with https://")
        return self


class Server(Section):
    """How to reach an IMAP or SMTP server."""

    host: str
    port: int = Field(gt=0, lt=65536)
    security: Security = Security.TLS
    user: str = ""
    password_secret: str = ""
    """Name of the secret that holds the password; empty for no log-in."""
    oauth2: OAuth2Settings | None = None
    """Access tokens for `user`; they go before a password."""
    ca_file: Path | None = None
    """A certificate authority of the town's own; verification is never switched off."""
    timeout_seconds: float = 60

    @model_validator(mode="after")
    def _no_clear_text_on_the_network(self) -> "Server":
        if self.security is Security.NONE and self.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError('security = "none" is allowed for this machine only: write "tls" or "starttls"')
        return self

    @model_validator(mode="after")
    def _tokens_are_for_somebody(self) -> "Server":
        if self.oauth2 and not self.user:
            raise ValueError("with oauth2 there must be a user: the mailbox for which tokens are asked")
        return self


class MailboxSettings(Server):
    """One IMAP mailbox to watch."""

    name: str
    """How people call it: its address."""
    folder: str = "INBOX"
    port: int = Field(default=993, gt=0, lt=65536)
    scanner: bool = False
    """A mailbox to which a scanner mails its scans: each attachment is a paper letter."""
    settle: Settle = Settle.LEAVE
    settle_folder: str = "Registered"
    poll_seconds: float = Field(default=60, gt=0)
    idle_seconds: float = Field(default=300, gt=0, lt=540)
    """Length of one IDLE cycle; servers drop idle connections before ten minutes."""
    silence_hours: float | None = Field(default=None, ge=0)
    """After so many working hours without a letter somebody is told ([troubles]); null: learned from the last four
    weeks; 0: never."""


class MaildirSettings(Section):
    """A Maildir to watch: mail that a local server has already delivered."""

    name: str
    path: Path
    settle: Settle = Settle.LEAVE
    poll_seconds: float = Field(default=2, gt=0)
    silence_hours: float | None = Field(default=None, ge=0)
    """After so many working hours without a letter somebody is told ([troubles]); null: learned from the last four
    weeks; 0: never."""


class ScanFolderSettings(Section):
    """A folder into which a scanner writes."""

    name: str
    path: Path
    polling: bool = False
    """True for network shares, where the kernel does not tell of changes."""
    poll_seconds: float = Field(default=5, gt=0)
    stable_seconds: float = Field(default=2, ge=0)
    """A file is taken when size and time have not changed for this long and its end is there."""
    settle: Settle = Settle.MOVE
    settle_folder: str = "taken"
    """Folder inside `path`."""
    silence_hours: float | None = Field(default=None, ge=0)
    """After so many working hours without a letter somebody is told ([troubles]); null: learned from the last four
    weeks; 0: never."""


class SmtpSettings(Server):
    """Where letters are handed over."""

    port: int = Field(default=465, gt=0, lt=65536)


class OutgoingSettings(Section):
    """What may leave, and how much."""

    enabled: bool = True
    """False: letters are written and kept as `held`."""
    from_name: str = ""
    """Empty: the municipality's name."""
    from_address: str = ""
    """Empty: the first mailbox of the rule pack."""
    own_addresses: tuple[str, ...] = ()
    """Further addresses of the municipality, never answered by a machine; mailboxes are known already."""
    trusted_authserv_id: str = ""
    """authserv-id of the receiving server (RFC 8601); only its Authentication-Results are believed."""
    plus_addresses: bool = False
    """True where the server delivers `center+x@town` to `center@town` (RFC 5233): each letter then has a signed return
    path of its own, by which a bounce finds it. `mailroom check --try-mail` finds out."""
    undo_seconds: int = Field(default=30, ge=0, le=600)
    """So long a letter that a person lets go waits, and can be taken back; acknowledgements leave at once."""
    per_sender_per_day: int = Field(default=5, ge=1)
    breaker_per_hour: int = Field(default=500, ge=1)
    """Above this many automatic letters in an hour everything further is held until a person looks."""
    folder: Path | None = None
    """A folder into which mails are written instead of SMTP: for the demo and for trying out."""


class OcrSettings(Section):
    """Limits and languages of Tesseract."""

    languages: str = "bul+eng"
    page_seconds: int = Field(default=60, gt=0)
    """Longest time for one page."""
    page_megapixels: int = Field(default=80, gt=0)
    """A larger picture is not opened: it becomes an item for a person."""
    memory_megabytes: int = Field(default=1500, gt=0)
    """Address space of one reading process."""
    letter_seconds: int = Field(default=600, gt=0)
    """Longest time for a letter, or for four of its pages where a scan has more."""
    workers: int = Field(default=2, gt=0)
    """Reading processes, one a core."""
    legible_confidence: float = Field(default=0.55, ge=0, le=1)
    """Below this mean confidence a person types the fields that matter."""
    max_pages: int = Field(default=500, gt=0)


class OidcGrant(Section):
    """What a value of the role claim makes of a person."""

    value: str
    """As it stands in the claim: the name of a group, usually."""
    role: Literal["clerk", "officer", "secretary", "mayor", "confidential"]
    """An administrator is made by an administrator only."""
    department: str = ""
    """Id of the rule pack; needed for an officer."""

    @model_validator(mode="after")
    def _an_officer_has_a_department(self) -> "OidcGrant":
        if self.role == "officer" and not self.department:
            raise ValueError('an officer sees what is given to a department: add department = "…"')
        return self


class OidcSettings(Section):
    """The municipality's single sign-on (OpenID Connect Core 1.0), beside the passwords."""

    issuer: str
    """Address of the provider; its /.well-known/openid-configuration says the rest."""
    client_id: str
    client_secret: str
    """Name of the secret."""
    label: str = "Вход със служебния акаунт"
    """What stands on the button."""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    login_claim: str = "preferred_username"
    """The claim that holds the log-in's name."""
    role_claim: str = "groups"
    """The claim that holds the groups; empty: people keep the role that the administrator gave them."""
    grants: tuple[OidcGrant, ...] = ()
    """The first that fits counts. Who fits none gets the role that the administrator gave, or is not let in."""
    check_minutes: int = Field(default=60, gt=0)
    """So often the provider is asked again whether who came in by it alone may still come in."""

    @model_validator(mode="after")
    def _no_clear_text_on_the_network(self) -> "OidcSettings":
        if not self.issuer.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise ValueError("the issuer's address must begin with https://")
        return self


class WebSettings(Section):
    """Where the pages are served. Both listeners belong behind the town's own TLS proxy."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, lt=65536)
    public_host: str = "127.0.0.1"
    public_port: int = Field(default=8081, ge=0, lt=65536)
    staff_url: str = ""
    """Address of the staff's pages as linked from the digest; empty: no link."""
    public_url: str = ""
    """Address of the citizens' status page as printed in letters; empty: not printed."""
    secure_cookies: bool = True
    """False only where the browser reaches us by plain HTTP on this machine."""
    session_hours: int = Field(default=12, gt=0)
    """A log-in ends after so long, whatever is done with it."""
    idle_minutes: int = Field(default=120, gt=0)
    """And after so long without a page that was opened or a form that was sent."""
    access_log_days: int = Field(default=1826, gt=0)
    """So long it is kept who has looked at an ЕГН or at a whistleblower's report; five years, as long as such a report
    itself (Наредба № 1 на КЗЛД, чл. 8)."""
    api_requests_per_minute: int = Field(default=600, gt=0)
    """With one key of another system, at each process that serves pages."""


class DigestSettings(Section):
    """The mayor's office digest."""

    recipients: tuple[str, ...] = ()
    at: time = time(8, 0)
    """Local time, on working days only."""


class PrintSettings(Section):
    """The evening print run."""

    at: time = time(16, 0)
    """Local time, on working days only: what waits for the printer is laid together."""


class BackupSettings(Section):
    """The nightly backup (НОИИСРЕАУ чл. 42: daily, at least three kept, encrypted, tested every month)."""

    folder: Path | None = None
    """Where `mailroom backup` without a file writes, under a name of its own."""
    recipients: tuple[str, ...] = ()
    """Public keys of age, for which backups are encrypted; each alone opens them. Empty: in the clear."""
    keep: int = Field(default=14, ge=3)
    """So many whole backups are kept in the folder; the oldest go."""


class AlertSettings(Section):
    """Who is told at once that somebody may be in danger; a message with the item's number alone."""

    recipients: tuple[str, ...] = ()
    """Besides the officer or department of the item. Empty: the recipients of the digest."""


class TroubleSettings(Section):
    """Who is told, by a way of its own, that the mailroom itself has a trouble, and what is one."""

    recipients: tuple[str, ...] = ()
    """Mail addresses, better outside the municipality's own server."""
    from_address: str = ""
    """Empty: the address from which letters go out."""
    smtp: SmtpSettings | None = None
    """Another server than the letters'; null: the same."""
    command: tuple[str, ...] = ()
    """A program and its arguments; it is given the text on its standard input (an SMS modem, a pager)."""
    webhook: str = ""
    """Address to which the text is sent by HTTP POST (ntfy, an SMS gateway, a chat)."""
    webhook_token_secret: str = ""
    """Name of the secret that goes as „Authorization: Bearer …“; empty for none."""
    heartbeat: str = ""
    """Address that is fetched every minute while all is well; a service outside tells when it is not."""
    unreachable_minutes: float = Field(default=10, ge=0)
    """A source may be away for so long."""
    outbox_minutes: float = Field(default=60, ge=0)
    """A mail that is to leave may wait for so long."""
    stuck_minutes: float = Field(default=60, ge=0)
    """A letter that came may wait for its number for so long."""
    disk_megabytes: int = Field(default=2048, ge=0)
    """Less free space is a trouble; so is a disk that will be full within `disk_days`."""
    disk_days: int = Field(default=14, ge=0)
    backup_hours: float = Field(default=36, ge=0)
    """Older backups are a trouble; 0: backups are made otherwise, and not watched."""
    verify_days: int = Field(default=2, ge=0)
    """The proof (`mailroom verify`) may be so old; 0: it is not watched, only its faults are."""

    @model_validator(mode="after")
    def _addresses_of_the_web(self) -> "TroubleSettings":
        for name, address in (("webhook", self.webhook), ("heartbeat", self.heartbeat)):
            if address and not address.startswith(("https://", "http://")):
                raise ValueError(f"{name} must begin with https:// or http://")
        return self


class MetricsSettings(Section):
    """Figures for Prometheus: at /metrics of the staff's pages, and of a listener of its own in `watch` and `work`."""

    token_secret: str = ""
    """Name of the secret that must come as „Authorization: Bearer …“; empty: only this machine may ask."""
    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, lt=65536)
    """Where a process without pages answers /metrics, /livez and /readyz; 0: nowhere."""


class LogSettings(Section):
    """Where the service's log lines go."""

    file: Path | None = None
    """Null: to standard error, which systemd keeps in its journal and rotates."""
    rotate_megabytes: int = Field(default=20, ge=0)
    """A larger file is put aside; 0: logrotate does it. Of several processes each needs a file of its own."""
    keep: int = Field(default=10, ge=0)
    """So many files that were put aside stay."""


class LateNotice(StrEnum):
    """What is done by itself when a term nears and nobody has written to the citizen."""

    OFF = "off"
    DRAFT = "draft"
    """The notice is written and waits for a person."""
    SEND = "send"
    """It leaves by itself where the charter's own term moves within the law's; everywhere else it waits."""


class TermSettings(Section):
    """Reminders, and notices of a later answer."""

    remind_working_days: int = Field(default=3, ge=0)
    """So many working days before each date the officer is reminded; 0: on its own day."""
    late_notice: LateNotice = LateNotice.DRAFT
    ask_satisfaction_after_days: int = Field(default=0, ge=0)
    """So many days after the answer the citizen is asked whether it was of use, on the citizens' page (`public_url`);
    0: never."""


class AntivirusSettings(Section):
    """ClamAV, where its daemon runs."""

    socket: str = Field(default="/run/clamav/clamd.ctl", pattern=r"^(|/.+|[^/:]+:\d+)$")
    """Its Unix socket, or host:port inside the town's network; empty: nobody is asked."""
    needed: bool = False
    """True: its absence is a fault. False: it is asked where it is there."""
    seconds: float = Field(default=60, gt=0)
    """So long a letter waits for its answer."""


class LimitSettings(Section):
    """What is too much."""

    message_megabytes: int = Field(default=150, gt=0)
    """A larger message is noted with its header, and a person is told that it still lies on the server."""
    attempts: int = Field(default=5, gt=0)
    """After so many failures of one step a person must look."""


class Settings(BaseSettings):
    """Everything that can be configured, checked and frozen."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="MAILROOM_", env_nested_delimiter="__"
    )

    charter: str
    """Id of the rule pack: a folder under rules/charters/."""
    data_dir: Path = Field(default=Path(), exclude=True)
    """The data directory; where mailroom.toml was found."""
    rules_dir: Path | None = None
    """Rule packs of the town's own; null: those that come with the program."""
    templates_dir: Path | None = None
    """Letter templates of the town's own, each overriding the one of the same name."""
    database_url: str = ""
    """Empty: SQLite in the data directory."""
    extra_non_working: tuple[date, ...] = ()
    """Days that the government has declared non-working after this version was made."""
    mailboxes: tuple[MailboxSettings, ...] = ()
    maildirs: tuple[MaildirSettings, ...] = ()
    scan_folders: tuple[ScanFolderSettings, ...] = ()
    smtp: SmtpSettings | None = None
    outgoing: OutgoingSettings = OutgoingSettings()
    ocr: OcrSettings = OcrSettings()
    web: WebSettings = WebSettings()
    oidc: OidcSettings | None = None
    digest: DigestSettings = DigestSettings()
    printing: PrintSettings = PrintSettings()
    alerts: AlertSettings = AlertSettings()
    troubles: TroubleSettings = TroubleSettings()
    metrics: MetricsSettings = MetricsSettings()
    logs: LogSettings = LogSettings()
    backup: BackupSettings = BackupSettings()
    terms: TermSettings = TermSettings()
    limits: LimitSettings = LimitSettings()
    antivirus: AntivirusSettings = AntivirusSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file: a secret or a port can be set without editing the file."""
        return (_OurEnvironment(settings_cls), init_settings)

    @property
    def sources(self) -> tuple[MailboxSettings | MaildirSettings | ScanFolderSettings, ...]:
        """Every mailbox and folder from which post comes in."""
        return (*self.mailboxes, *self.maildirs, *self.scan_folders)

    @property
    def url(self) -> str:
        """SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'register.db'}"

    @property
    def sqlite_file(self) -> Path | None:
        """The file of the register; null when it lies on a server."""
        if not self.database_url:
            return self.data_dir / "register.db"
        kind, _, path = self.database_url.partition("sqlite:///")
        return None if kind else Path(path)

    @property
    def originals_dir(self) -> Path:
        """Where the original bytes lie."""
        return self.data_dir / "originals"

    @property
    def rules(self) -> Path:
        """The folder with charters/, statute/, lexicon/."""
        return self.rules_dir or packaged("rules")

    @property
    def local_lexicon(self) -> Path:
        """The municipality's own additions to the vocabulary; the folder may be missing."""
        return self.data_dir / "lexicon"

    @property
    def trusted_certificates(self) -> Path:
        """Certificates of the issuers whose electronic signatures are trusted; the folder may be missing."""
        return self.data_dir / "certificates"

    @property
    def templates(self) -> Path:
        """The letter templates that come with the program."""
        return packaged("templates")


class _OurEnvironment(EnvSettingsSource):
    """The environment without the secrets, which are read by name and never become settings."""

    def __call__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__call__().items() if not name.startswith("secret")}


def packaged(name: str) -> Path:
    """The folder `templates` or `rules`: beside the package in a checkout, inside it when installed from a wheel."""
    installed = PACKAGE_ROOT / "_data" / name
    return installed if installed.is_dir() else PACKAGE_ROOT.parent / name


_SECRETS = "MAILROOM_SECRET_"
_TAKEN: dict[str, str] = {}
"""Secrets that were in the environment when the program began."""


def take_secrets() -> None:
    """Take the secrets out of the environment, which every process inherits that is started from here."""
    _TAKEN.update({name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_SECRETS)})


def secret(name: str) -> str:
    """The value of a named secret: systemd credential first, then environment. Empty name: empty value.

    Raises Misconfigured when the secret is nowhere.
    """
    if not name:
        return ""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder and (Path(folder) / name).is_file():
        return (Path(folder) / name).read_text("utf-8").rstrip("\n")
    variable = _SECRETS + name.upper().replace("-", "_").replace(".", "_").replace("@", "_")
    value = os.environ.get(variable) or _TAKEN.get(variable)
    if value is not None:
        return value
    raise Misconfigured(
        f"secret „{name}“ is missing: set the environment variable {variable}, or LoadCredential={name}: in the unit"
    )


def find_config(start: Path | None = None) -> Path:
    """The mailroom.toml of `start`, of $MAILROOM_DATA, or of the current folder. Raises Misconfigured."""
    folder = start or Path(os.environ.get("MAILROOM_DATA", "."))
    path = folder / CONFIG_NAME if folder.is_dir() else folder
    if not path.is_file():
        raise Misconfigured(f"{path} does not exist: run „mailroom init {folder}“, or give the folder as --data")
    return path


def load_settings(path: Path) -> Settings:
    """Read and check one mailroom.toml. Raises Misconfigured with file, place and remedy in one line."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path}: not valid TOML: {error}") from error
    try:
        settings = Settings(**values, data_dir=path.parent.resolve())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "top level"
        said = _NO_SUCH_SETTING if first["type"] == "extra_forbidden" else first["msg"]
        raise Misconfigured(f"{path}: {place}: {said} (found: {first['input']!r:.60})") from error
    return settings.model_copy(update=_absolute(settings))


def _absolute(settings: Settings) -> dict[str, Any]:
    """Relative paths are meant from the data directory, wherever the command was started."""
    def inside(path: Path | None) -> Path | None:
        return None if path is None else settings.data_dir / path

    return {
        "rules_dir": inside(settings.rules_dir),
        "templates_dir": inside(settings.templates_dir),
        "maildirs": tuple(m.model_copy(update={"path": inside(m.path)}) for m in settings.maildirs),
        "scan_folders": tuple(s.model_copy(update={"path": inside(s.path)}) for s in settings.scan_folders),
        "backup": settings.backup.model_copy(update={"folder": inside(settings.backup.folder)}),
        "logs": settings.logs.model_copy(update={"file": inside(settings.logs.file)}),
        "outgoing": settings.outgoing.model_copy(update={"folder": inside(settings.outgoing.folder)}),
    }
