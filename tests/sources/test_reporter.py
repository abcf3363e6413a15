"""How a source's troubles are told."""

from structlog.testing import capture_logs

from mailroom.sources.source import Reporter, SourceState


def test_the_log_has_the_beginning_of_a_trouble_and_its_end_and_not_every_look() -> None:
    told: list[SourceState] = []
    reporter = Reporter("center@example.bg", told.append)
    with capture_logs() as lines:
        reporter.looked()
        for _ in range(3):
            reporter.failed("no route to the mail server")
        reporter.refused("originals: the folder is away")
        reporter.looked()
        reporter.looked()
    assert [(line["event"], line.get("trouble", "")) for line in lines] == [
        ("source_in_trouble", "no route to the mail server"), ("source_in_trouble", "originals: the folder is away"),
        ("source_well_again", "")]
    assert len(told) == 7
