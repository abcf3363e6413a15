"""A log file that somebody, or the program itself, puts aside."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from mailroom.logs import configure_logs


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Whatever the tests do to the root logger ends with them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(file: Path) -> list[dict[str, object]]:
    """What stands in a log."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_a_log_that_logrotate_moves_away_goes_on_in_a_new_file(tmp_path: Path) -> None:
    """Without a signal and without a line lost."""
    file = tmp_path / "mailroom.log"
    configure_logs(file=file)
    structlog.get_logger().info("before", item=1)
    file.rename(tmp_path / "mailroom.log.1")
    structlog.get_logger().info("after", item=2)
    assert [line["event"] for line in lines(tmp_path / "mailroom.log.1")] == ["before"]
    assert [(line["event"], line["item"]) for line in lines(file)] == [("after", 2)]


def test_a_log_that_has_grown_is_put_aside_and_the_oldest_go(tmp_path: Path) -> None:
    """So many files stay, and none grows beyond its size."""
    file = tmp_path / "mailroom.log"
    configure_logs(file=file, rotate_megabytes=1, keep=2)
    for number in range(45):
        structlog.get_logger().info("long", filling="x" * 100_000, item=number)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["mailroom.log", "mailroom.log.1", "mailroom.log.2"]
    assert all(path.stat().st_size <= 1 << 20 for path in tmp_path.iterdir())
    assert lines(file)[-1]["item"] == 44
