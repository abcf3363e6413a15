"""RFC 3834 and the town's own guards: a machine answers people, once, and nobody else."""

from typing import Any

import pytest

from mailroom.correspondence.may_reply import Permission, Town, Traffic, may_reply
from mailroom.model.arrival import Channel
from mailroom.model.findings import NonCorrespondence
from mailroom.model.letter import DeliveryReport, Letter, Mailbox
from tests.correspondence.samples import findings, letter, mail_head, verdict

US = "mx.primerovo.example"


def asked(read: Letter, *, judged: Any = None, trusted: str = US, limits: tuple[int, int, int, int] = (0, 5, 0, 500),
          went_before: dict[str, bool] | None = None, **changes: Any) -> Permission:
    today, cap, last_hour, breaker = limits
    town = Town(own_addresses=frozenset({"center@primerovo.example"}), trusted_authserv_id=trusted,
                per_sender_per_day=cap, breaker_per_hour=breaker)
    traffic = Traffic(letters_today=today, automatic_last_hour=last_hour, **(went_before or {}))
    return may_reply(read, findings(**changes), judged or verdict(), town=town, traffic=traffic)


@pytest.mark.parametrize("read", [
    letter(),
    letter(("auto-submitted", "no")),
    letter(("auto-submitted", "No (a person)")),
    letter(("precedence", "first-class")),
    letter(("x-auto-response-suppress", "DR, NDR")),
    letter(head=mail_head(return_path=None)),
    Letter(channel=Channel.PAPER, media_type="application/pdf"),
])
def test_people_are_answered(read: Letter) -> None:
    assert asked(read) == Permission(allowed=True)


@pytest.mark.parametrize(("field", "guard"), [
    (("auto-submitted", "auto-replied"), "auto_submitted"),
    (("auto-submitted", "auto-generated; owner-email=a@x"), "auto_submitted"),
    (("auto-submitted", "auto-notified (x)"), "auto_submitted"),
    (("precedence", "Bulk"), "bulk"),
    (("precedence", "list"), "bulk"),
    (("precedence", "junk"), "bulk"),
    (("x-auto-response-suppress", "DR, OOF, AutoReply"), "bulk"),
    (("x-auto-response-suppress", "All"), "bulk"),
    (("x-autoreply", "yes"), "bulk"),
    (("list-id", "<news.shop.example>"), "list"),
    (("list-unsubscribe", "<https://shop.example>"), "list"),
])
def test_machines_and_lists_are_not(field: tuple[str, str], guard: str) -> None:
    permission = asked(letter(field))
    assert not permission.allowed
    assert permission.guard == guard
    assert permission.reason.endswith((".", ")"))


@pytest.mark.parametrize("read", [
    letter(head=mail_head(media_type="multipart/report")),
    letter(report=DeliveryReport(action="failed")),
    letter(calendar_method="REPLY"),
])
def test_reports_are_not(read: Letter) -> None:
    assert asked(read).guard == "report"


@pytest.mark.parametrize("path", ["", "<>"])
def test_the_null_return_path_wants_no_answer(path: str) -> None:
    assert asked(letter(head=mail_head(return_path=path))).guard == "null_return_path"


@pytest.mark.parametrize("address", [
    "no-reply@x.example", "NoReply@x.example", "do_not_reply@x.example", "noreply+17@x.example",
    "bank.no-reply@x.example",
    "mailer-daemon@x.example", "postmaster@x.example", "bounces+abc@x.example", "news-request@x.example",
    "owner-news@x.example", "ne-otgovaryai@x.example",
])
def test_addresses_that_nobody_reads_are_not_written_to(address: str) -> None:
    assert asked(letter(), email=address).guard == "robot_address"


@pytest.mark.parametrize("address", ["noreen@x.example", "reply@x.example", "norberto@x.example", "ownerova@x.example"])
def test_people_with_such_names_are(address: str) -> None:
    assert asked(letter(), email=address).allowed


def test_the_town_does_not_write_to_itself() -> None:
    assert asked(letter(), email="Center@Primerovo.example").guard == "own_address"


def test_no_correspondence_and_sealed_items_get_nothing() -> None:
    assert asked(letter(), noncorrespondence=NonCorrespondence.SPAM).guard == "not_correspondence"
    assert asked(letter(), judged=verdict(sealed=True)).guard == "sealed"


ROBOT = {"from_": (Mailbox(address="www-data@site.example"),)}


@pytest.mark.parametrize("read", [
    letter(head=mail_head(("auto-submitted", "auto-generated"), ("precedence", "bulk"), **ROBOT),
           form_fields={"Имейл": "Petrova@citizen.example"}),
    letter(head=mail_head(("auto-submitted", "auto-generated"), reply_to=(Mailbox(address="petrova@citizen.example"),),
                          **ROBOT)),
], ids=["form field", "reply-to"])
def test_a_citizen_who_wrote_through_a_web_form_is_answered(read: Letter) -> None:
    assert asked(read).allowed


@pytest.mark.parametrize("read", [
    letter(head=mail_head(("auto-submitted", "auto-replied"), reply_to=(Mailbox(address="petrova@citizen.example"),),
                          **ROBOT)),
    letter(head=mail_head(("auto-submitted", "auto-generated"), **ROBOT)),
    letter(("auto-submitted", "auto-generated"), form_fields={"email": "petrova@citizen.example"}),
], ids=["a responder's Reply-To", "an address from the text alone", "the robot itself"])
def test_what_only_looks_like_a_form_is_not(read: Letter) -> None:
    assert asked(read).guard == "auto_submitted"


def results(*values: str) -> Letter:
    return letter(*(("authentication-results", value) for value in values))


@pytest.mark.parametrize("value", [
    f"{US}; dmarc=fail header.from=citizen.example",
    f"{US};\r\n\tspf=pass smtp.mailfrom=x.example;\r\n\tdmarc=fail (p=reject dis=none) header.from=citizen.example",
    f"{US}; spf=fail smtp.mailfrom=citizen.example; dkim=fail header.d=citizen.example",
    f"{US}; spf=fail smtp.mailfrom=citizen.example; dkim=none",
])
def test_a_sender_whom_our_server_calls_forged_is_not_answered(value: str) -> None:
    assert asked(results(value)).guard == "forged"


@pytest.mark.parametrize("value", [
    f"{US}; dmarc=pass header.from=citizen.example; spf=fail smtp.mailfrom=list.example",
    f"{US}; spf=softfail smtp.mailfrom=citizen.example; dkim=none",
    f"{US}; spf=fail smtp.mailfrom=x; dkim=fail header.d=a.example; dkim=pass header.d=citizen.example",
    f"{US}; none",
    "mx.elsewhere.example; dmarc=fail header.from=citizen.example",
    "not a field at all ; ; =",
])
def test_others_are(value: str) -> None:
    assert asked(results(value)).allowed


def test_no_server_is_believed_where_none_is_trusted() -> None:
    assert asked(results("; dmarc=fail header.from=x", f"{US}; dmarc=fail header.from=x"), trusted="").allowed


def test_a_sender_cannot_write_our_servers_opinion_below_its_own() -> None:
    forged = letter(("authentication-results", f"{US}; dmarc=fail header.from=x"), ("received", "by us"),
                    ("authentication-results", f"{US}; dmarc=pass header.from=x"))
    assert asked(forged).guard == "forged"
    honest = letter(("authentication-results", f"{US}; spf=fail smtp.mailfrom=x"), ("received", "by us"),
                    ("authentication-results", f"{US}; dkim=pass header.d=x"))
    assert asked(honest).guard == "forged"


def test_milters_that_write_a_field_each_are_read_together() -> None:
    read = letter(("authentication-results", f"{US}; dmarc=none"),
                  ("authentication-results", f"{US}; dkim=pass header.d=x"),
                  ("authentication-results", f"{US}; spf=fail smtp.mailfrom=x"), ("received", "by us"))
    assert asked(read).allowed


@pytest.mark.parametrize(("limits", "guard"), [
    ((5, 5, 0, 500), "cap"), ((4, 5, 0, 500), ""), ((0, 5, 500, 500), "breaker"), ((0, 5, 499, 500), ""),
])
def test_one_sender_and_all_together_have_a_limit(limits: tuple[int, int, int, int], guard: str) -> None:
    assert asked(letter(), limits=limits).guard == guard
