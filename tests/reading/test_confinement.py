"""A reading process that a file has taken over can do nothing with it: tried from inside, one thing after the other."""

import os
import pickle
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pebble.common.types import Result, ResultStatus
from pebble.pool.process import TaskResult

from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA
from mailroom.model.letter import Letter, MailHead
from mailroom.reading.answers import Senseless, Unfamiliar, read_answer
from mailroom.reading.confinement import landlock_version
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.reading.processes import Processes
from tests.reading import attempts
from tests.reading.attempts import DONE

CORPUS = Path(__file__).parents[1] / "corpus"

TESTS = Path(__file__).parents[1]
REFUSED = {"EPERM", "EACCES"}
needs_landlock = pytest.mark.skipif(not landlock_version(), reason="this kernel has no Landlock")


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    made = Processes(count=1, memory_megabytes=1500, readable=(TESTS,))
    yield made
    made.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory as it might lie beside."""
    for name in ("mailroom.toml", "register.db", "credential", "another-original"):
        (tmp_path / name).write_text("тайна", "utf-8")
    return tmp_path


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK])
def test_it_has_no_network_and_reaches_no_other_service(processes: Processes, family: int) -> None:
    assert processes.run(attempts.open_socket, int(family), seconds=30).result() == "EPERM"


@needs_landlock
def test_it_reads_no_configuration_no_register_no_credential_and_no_other_original(
        processes: Processes, data: Path) -> None:
    for path in (*data.iterdir(), Path("/etc/passwd"), Path("/proc/1/environ")):
        assert processes.run(attempts.read_file, str(path), seconds=30).result() == "EACCES", path
    assert processes.run(attempts.list_folder, str(data), seconds=30).result() == "EACCES"


def test_it_reads_what_is_lent_to_it_and_finds_nothing_else_there(processes: Processes, data: Path) -> None:
    with processes.lend(data / "another-original") as path:
        assert processes.run(attempts.read_file, path, seconds=30).result() == DONE
        if landlock_version():
            assert processes.run(attempts.list_folder, str(Path(path).parent), seconds=30).result() == "EACCES"
            assert processes.run(attempts.write_file, path, seconds=30).result() == "EACCES"
            assert set(processes.run(attempts.alter, path, seconds=30).result().values()) <= REFUSED
    assert not Path(path).exists() and (data / "another-original").read_text("utf-8") == "тайна"


@needs_landlock
def test_it_writes_in_its_own_folder_alone(processes: Processes, data: Path) -> None:
    assert processes.run(attempts.write_own, seconds=30).result() == DONE
    for path in (data / "new", data / "register.db", Path("/tmp/new"), Path("/dev/shm/new")):
        assert processes.run(attempts.write_file, str(path), seconds=30).result() in REFUSED, path
    assert set(processes.run(attempts.alter, str(data / "register.db"), seconds=30).result().values()) <= REFUSED


def test_it_alters_no_file_without_opening_it(processes: Processes, data: Path) -> None:
    """Where Landlock of older kernels, or none, would let it."""
    told = processes.run(attempts.alter, str(data / "register.db"), seconds=30).result()
    assert {told[name] for name in ("truncate", "chmod", "chown", "link")} == {"EPERM"}


def test_it_multiplies_by_no_means_and_starts_only_what_reading_needs(processes: Processes) -> None:
    told = processes.run(attempts.begin_process, seconds=60).result()
    assert told["fork"] == "EPERM" and told["helper"] == DONE
    if landlock_version():
        assert told["shell"] in REFUSED and told["python"] in REFUSED


def test_it_cannot_reach_the_service(processes: Processes) -> None:
    told = processes.run(attempts.reach_parent, seconds=30).result()
    assert told["foreign memory"] == "EPERM"
    if landlock_version():
        assert told["memory"] in REFUSED and told["environment"] in REFUSED
    if landlock_version() >= 6:
        assert told["signal"] == "EPERM"


@pytest.mark.parametrize("name", ["unshare", "memfd_create", "io_uring_setup", "bpf", "mount", "keyctl"])
def test_the_kernel_offers_it_no_way_around(processes: Processes, name: str) -> None:
    assert processes.run(attempts.call, name, seconds=30).result() == "EPERM"


def test_it_takes_no_more_than_its_share(processes: Processes, data: Path) -> None:
    assert processes.run(attempts.take_memory, 1600, seconds=30).result() in ("ENOMEM", "MemoryError")
    assert processes.run(attempts.open_many, "/dev/null", 300, seconds=30).result() == "EMFILE"
    assert processes.run(attempts.write_much, 2 << 30, seconds=30).result() == "EFBIG"
    told = processes.run(attempts.bounds, seconds=30).result()
    assert told["CORE"] == 0 and told["NPROC"] < 10_000


def test_it_is_bound_before_a_library_can_start_a_thread(processes: Processes) -> None:
    assert processes.run(attempts.threads, seconds=30).result() == 1


def test_what_it_answers_is_never_run(processes: Processes, data: Path) -> None:
    """A pickle is a program for who reads it; the service reads none from there but plain values."""
    answer = processes.run(attempts.answer_with_command, str(data / "run"), seconds=30).result()
    assert isinstance(answer, Unfamiliar) and not (data / "run").exists()


@pytest.mark.parametrize("octets", [b"", b"\x80\x04.", pickle.dumps(7), pickle.dumps(os.getcwd), b"cos\nsystem\n."])
def test_an_answer_without_sense_is_refused(octets: bytes) -> None:
    with pytest.raises(Senseless):
        read_answer(octets)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=2), "EET"), SOFIA, ZoneInfo("America/New_York")])
def test_a_letter_comes_back_whole_whatever_zone_its_date_is_in(zone: tzinfo) -> None:
    letter = Letter(channel=Channel.EMAIL, media_type="message/rfc822", text="Здравейте",
                    head=MailHead(date=datetime(2026, 11, 20, 8, 12, tzinfo=zone)))
    answer = TaskResult(1, Result(ResultStatus.SUCCESS, letter))
    assert read_answer(pickle.dumps(answer)).result.value == letter


@pytest.mark.parametrize("folder", ["cpython", "mikel", "sisimai"])
def test_every_mail_of_the_corpus_comes_back_whole(folder: str) -> None:
    for path in (CORPUS / "mail" / folder).rglob("*.eml"):
        letter = read_letter(path.read_bytes(), Channel.EMAIL, ReadingOptions())
        assert read_answer(pickle.dumps(TaskResult(1, Result(ResultStatus.SUCCESS, letter)))).result.value == letter


def test_what_an_ended_worker_left_is_taken_away(data: Path) -> None:
    made = Processes(count=1, memory_megabytes=4000)
    with made.lend(data / "credential") as path:
        folder = Path(path).parents[1]
        assert made.run(os._exit, 3, seconds=30).exception()
        made.run(abs, -1, seconds=30).result()
        assert len(list((folder / "scratch").iterdir())) == 1
    made.close()
    assert not folder.exists()


def test_what_a_killed_service_left_is_taken_away_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    left, live = tmp_path / f"mailroom-reading-{ended.pid}-a", tmp_path / f"mailroom-reading-{os.getpid()}-b"
    for folder in (left, live):
        (folder / "lent").mkdir(parents=True)
    Processes(count=1, memory_megabytes=4000).close()
    assert not left.exists() and live.exists()
