"""What machines ask: does it live, can it work, its figures."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mailroom import journey
from mailroom.config import MetricsSettings
from mailroom.engine.attempt import attempt_item
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.base import ItemId
from mailroom.office import Office
from mailroom.store.store import Store
from mailroom.web.probes import probe_app
from mailroom.web.serve import serving
from tests.watching.conftest import Clock

LETTER = """From: =?utf-8?b?0JXQu9C10L3QsA==?= <elena.taynova@example.com>
To: delovodstvo@example.bg
Subject: Signal
MIME-Version: 1.0
Content-Transfer-Encoding: 8bit
Content-Type: text/plain; charset=utf-8

Уличната лампа пред ул. Роза 5 не свети от две седмици. Елена Тайнова
"""


def come(office: Office, clock: Clock) -> ItemId:
    """A letter comes in."""
    return journey.receive(office, Incoming(
        source="delovodstvo@example.bg", key="1", file="taynova.eml", content=LETTER.encode(), received_at=clock.at,
        channel=Channel.EMAIL))


@pytest.fixture
def client(office: Office) -> Iterator[httpx.Client]:
    """Somebody on this machine."""
    with serving(probe_app(office)) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as asked:
        yield asked


def test_the_figures_tell_how_it_stands_and_nothing_of_any_letter(
    office: Office, clock: Clock, client: httpx.Client
) -> None:
    """As Prometheus reads them: every label has few values, known before."""
    come(office, clock)
    clock.at += timedelta(minutes=1)
    waiting = _samples(client.get("/metrics").text)
    assert waiting["mailroom_items_unfinished", ()] == 1
    assert waiting["mailroom_oldest_unfinished_seconds", ()] == 60
    with office.store.transaction() as register:
        register.daybook.report("delovodstvo@example.bg", clock.at, "")
    answer = client.get("/metrics").text
    figures = _samples(answer)
    assert figures["mailroom_up", ()] == 1
    assert figures["mailroom_source_up", (("source", "delovodstvo@example.bg"),)] == 1
    for secret in ("taynova", "Тайнова", "Роза", "Елена"):
        assert secret not in answer
    assert {label for _, labels in figures for label, _ in labels} <= {
        "step", "status", "source", "outcome", "where", "le", "implementation", "major", "minor", "patchlevel",
        "version"}


@pytest.mark.long
def test_what_a_process_has_done_it_counts(office: Office, clock: Clock, client: httpx.Client) -> None:
    """Steps with how long they took, and what waits to leave."""
    attempt_item(office, come(office, clock))
    figures = _samples(client.get("/metrics").text)
    assert figures["mailroom_items_unfinished", ()] == 0
    assert figures["mailroom_step_seconds_count", (("step", "judged"),)] >= 1
    assert sum(value for (name, _), value in figures.items() if name == "mailroom_outbox") == 1


def test_only_this_machine_may_ask_for_figures(client: httpx.Client) -> None:
    """What a proxy brings comes from somewhere else, though the proxy stands here."""
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403


def test_with_a_token_only_the_token_opens(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """From anywhere."""
    monkeypatch.setenv("MAILROOM_SECRET_METRICS", "жетон")
    settings = office.settings.model_copy(update={"metrics": MetricsSettings(token_secret="metrics")})
    with serving(probe_app(replace(office, settings=settings))) as port:
        url = f"http://127.0.0.1:{port}/metrics"
        assert httpx.get(url).status_code == 403
        assert httpx.get(url, headers={"Authorization": "Bearer no"}).status_code == 403
        assert httpx.get(url, headers={b"Authorization": "Bearer жетон".encode()}).status_code == 200


def test_it_lives_and_is_not_ready_without_its_register(office: Office, client: httpx.Client) -> None:
    """A balancer keeps people away; nobody kills the process for what it cannot help."""
    assert (client.get("/livez").status_code, client.get("/readyz").status_code) == (200, 200)
    nowhere = Store("sqlite:////proc/nowhere/register.db", office.settings.originals_dir)
    with serving(probe_app(replace(office, store=nowhere))) as port, httpx.Client() as asked:
        answers = [asked.get(f"http://127.0.0.1:{port}/{path}") for path in ("livez", "readyz", "metrics")]
    nowhere.close()
    assert [answer.status_code for answer in answers] == [200, 503, 200]
    assert "/proc/nowhere" not in answers[1].text
    assert _samples(answers[2].text)["mailroom_up", ()] == 0


def _samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """(name, labels) → value; the whole text must be what Prometheus understands, each family once."""
    families = list(text_string_to_metric_families(text))
    names = re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
    assert len(names) == len(set(names))
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}
