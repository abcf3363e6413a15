"""Commands for who runs the machine: its troubles."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from mailroom.cli.app import app
from mailroom.cli.common import Data, Json, say
from mailroom.cli.offices import office_of
from mailroom.condition import look_at
from mailroom.errors import Misconfigured
from mailroom.office import Office
from mailroom.troubles import channel_of, troubles_of

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""Asked from outside, everything had time enough."""


@app.command()
def troubles(
    try_ways: Annotated[bool, typer.Option("--try", help="Send a trial text by every way of [troubles].")] = False,
    failed: Annotated[str, typer.Option(
        "--failed", metavar="UNIT", help="Tell that this unit has failed; systemd calls it so.")] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """What is wrong with the mailroom itself now; or try the ways by which it is told."""
    with office_of(data) as office:
        if try_ways or failed:
            _tell(office, failed, as_json)
            return
        found = troubles_of(look_at(office), office.settings.troubles, ALWAYS)
    say([trouble.model_dump() for trouble in found], as_json,
        [f"WRONG {trouble.key}: {trouble.sentence}" for trouble in found] or ["ok    no trouble"])
    raise typer.Exit(1 if found else 0)


def _tell(office: Office, failed: str, as_json: bool) -> None:
    channel, town = channel_of(office), office.pack.contact.name
    if not channel.ways:
        raise Misconfigured("[troubles]: nobody is told: set recipients, command or webhook in mailroom.toml")
    if failed:
        outcomes = channel.tell(f"Деловодство, {town}: {failed} спря", (
            f"Услугата {failed} спря с грешка. Вижте „journalctl -u {failed}“. Нищо не се губи: писмата чакат в "
            "кутиите."))
    else:
        outcomes = channel.tell(f"Деловодство, {town}: проба", "Това е пробно известие. Не е нужно да правите нищо.")
    say(outcomes, as_json, [f"{'WRONG' if reason else 'ok   '} {way}{': ' if reason else ''}{reason}"
                            for way, reason in outcomes.items()])
    raise typer.Exit(1 if any(outcomes.values()) else 0)
