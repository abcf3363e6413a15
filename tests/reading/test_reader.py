"""Reading happens in other processes, which may die; the service does not."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailroom.config import OcrSettings
from mailroom.model.arrival import Channel
from mailroom.reading.processes import Processes
from mailroom.reading.reader import Reader
from tests.reading.material import mail, page, saved, typed_pdf


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader(OcrSettings(workers=2, max_pages=4))
    yield made
    made.close()


def test_mails_and_scans_are_read(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(mail().as_bytes())
    (tmp_path / "b").write_bytes(typed_pdf())
    assert reader.read(tmp_path / "a", Channel.EMAIL).text == "Здравейте, лампата пред нас не свети."
    assert "ЖАЛБА" in reader.read(tmp_path / "b", Channel.PAPER).text


def test_the_pages_of_a_scan_are_read_side_by_side_and_are_one_letter(reader: Reader, tmp_path: Path) -> None:
    leaves = [page(f"Страница номер {number}\nМоля за отговор.").crop((0, 0, 1654, 400)) for number in range(1, 6)]
    leaves[0].save(tmp_path / "scan", "TIFF", save_all=True, append_images=leaves[1:], dpi=(200, 200))
    letter = reader.read(tmp_path / "scan", Channel.PAPER)
    part = reader.read(tmp_path / "scan", Channel.PAPER, (1, 3))
    assert [line[-1] for line in letter.text.split("\n") if line.startswith("Страница")] == ["1", "2", "3", "4"]
    assert [found.number for found in letter.pages] == [1, 2, 3, 4] and letter.legible
    assert [found.code for found in letter.faults] == ["too_many_pages"]
    assert [found.number for found in part.pages] == [1, 3] and part.text.count("Страница") == 2


def test_a_mail_does_not_wait_for_a_scan(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "mail").write_bytes(mail().as_bytes())
    (tmp_path / "scan").write_bytes(saved(page(), "PNG"))
    order: list[str] = []

    def read(name: str, channel: Channel) -> None:
        reader.read(tmp_path / name, channel)
        order.append(name)

    scan = threading.Thread(target=read, args=("scan", Channel.PAPER))
    scan.start()
    read("mail", Channel.EMAIL)
    scan.join()
    assert order == ["mail", "scan"]


def test_a_letter_that_takes_too_long_is_given_up_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "pdf").write_bytes(typed_pdf())
    made = Reader(OcrSettings(workers=1, letter_seconds=1))
    try:
        slow = _tiff_of_many(tmp_path / "slow")
        letter = made.read(slow, Channel.PAPER)
        assert [f.code for f in letter.faults] == ["reader_timeout"] and not letter.legible
        assert letter.media_type == "image/tiff"
        assert "ЖАЛБА" in made.read(tmp_path / "pdf", Channel.PAPER).text
    finally:
        made.close()


def _tiff_of_many(path: Path) -> Path:
    page().save(path, "TIFF", save_all=True, append_images=[page()] * 3, dpi=(200, 200))
    return path


def test_a_file_larger_than_the_memory_allowed_is_a_fault_and_not_the_end(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "huge").write_bytes(mail().as_bytes())
    os.truncate(tmp_path / "huge", 4_000_000_000)
    (tmp_path / "mail").write_bytes(mail().as_bytes())
    letter = reader.read(tmp_path / "huge", Channel.EMAIL)
    assert not letter.legible and [f.code for f in letter.faults] == ["reader_died"]
    assert reader.read(tmp_path / "mail", Channel.EMAIL).text


def test_an_idle_worker_that_is_killed_is_replaced() -> None:
    processes = Processes(count=1, memory_megabytes=4000)
    try:
        first = processes.run(os.getpid, seconds=30).result()
        os.kill(first, signal.SIGKILL)
        time.sleep(0.5)
        assert processes.run(os.getpid, seconds=30).result() != first
    finally:
        processes.close()


def test_a_worker_that_dies_at_work_gives_its_error_and_the_next_work_is_done() -> None:
    processes = Processes(count=1, memory_megabytes=4000)
    try:
        assert isinstance(processes.run(os._exit, 3, seconds=30).exception(), OSError)
        assert processes.run(abs, -1, seconds=30).result() == 1
    finally:
        processes.close()


def test_who_waits_for_a_worker_is_told_when_the_processes_are_closed() -> None:
    """Whoever's work has begun, and whoever's has not: a service that is stopped would wait for them for ever. Pebble
    forgets them in some two of five pools, by which of its threads sees the end first; therefore several."""
    told: list[str] = []

    def wait(processes: Processes) -> None:
        try:
            processes.run(time.sleep, 60, seconds=90)
        except RuntimeError as error:
            told.append(str(error))

    made = [Processes(count=1, memory_megabytes=4000) for _ in range(5)]
    waiting = [threading.Thread(target=wait, args=(processes,), daemon=True) for processes in made for _ in range(2)]
    for thread in waiting:
        thread.start()
        time.sleep(0.013)
    time.sleep(2)
    for processes in made:
        processes.close()
    for thread in waiting:
        thread.join(30)
    assert told == ["the reading processes are closed"] * len(waiting)


@pytest.mark.long
def test_a_worker_that_hangs_before_it_takes_its_work_is_replaced() -> None:
    processes = Processes(count=1, memory_megabytes=4000, patience=5)
    try:
        first = processes.run(os.getpid, seconds=30).result()
        os.kill(first, signal.SIGSTOP)
        assert processes.run(os.getpid, seconds=1).result() != first
    finally:
        processes.close()


def test_workers_outlive_the_thread_that_started_them() -> None:
    processes = Processes(count=1, memory_megabytes=4000)
    try:
        found: list[int] = []
        starter = threading.Thread(target=lambda: found.append(processes.run(os.getpid, seconds=30).result()))
        starter.start()
        starter.join()
        time.sleep(0.3)
        assert processes.run(os.getpid, seconds=30).result() == found[0]
    finally:
        processes.close()


def test_no_worker_outlives_a_killed_parent() -> None:
    program = ("import os, time\nfrom threading import Thread\nfrom mailroom.reading.processes import Processes\n"
               "if __name__ == '__main__':\n    p = Processes(count=2, memory_megabytes=4000)\n"
               "    p.run(abs, -1, seconds=30)\n    for _ in 'ab':\n"
               "        Thread(target=p.run, args=(time.sleep, 60), kwargs={'seconds': 90}).start()\n"
               "        time.sleep(0.3)\n"
               "    print(*[w for t in os.listdir('/proc/self/task')\n"
               "            for w in open(f'/proc/self/task/{t}/children').read().split()], flush=True)\n")
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True)
    assert parent.stdout is not None
    children = [int(child) for child in parent.stdout.readline().split()]
    below = [*children, *(one for child in children for one in _children(child))]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while any(map(_runs, below)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(below) >= 4 and not any(map(_runs, below))


def test_the_process_they_are_forked_from_ends_with_the_service_alone() -> None:
    """SIGTERM goes to every process of a unit; who is reading then may come to the end of the letter."""
    processes = Processes(count=1, memory_megabytes=4000)
    try:
        worker = processes.run(os.getpid, seconds=30).result()
        os.kill(processes.run(os.getppid, seconds=30).result(), signal.SIGTERM)
        time.sleep(0.3)
        assert processes.run(os.getpid, seconds=30).result() == worker
    finally:
        processes.close()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_no_worker_outlives_the_process_it_was_forked_from_and_others_take_its_place() -> None:
    processes = Processes(count=1, memory_megabytes=4000)
    try:
        worker = processes.run(os.getpid, seconds=30).result()
        os.kill(processes.run(os.getppid, seconds=30).result(), signal.SIGKILL)
        deadline = time.monotonic() + 20
        while _runs(worker) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _runs(worker)
        assert processes.run(os.getpid, seconds=30).result() != worker
    finally:
        processes.close()


def test_workers_hold_nothing_of_the_program_that_asked_for_them() -> None:
    processes = Processes(count=1, memory_megabytes=4000)
    try:
        loaded = set(processes.run(eval, "list(__import__('sys').modules)", seconds=30).result())
    finally:
        processes.close()
    assert "cv2" in loaded and not {"sqlalchemy", "starlette", "weasyprint", "pytest"} & loaded


MUCH_WITH_ITS_END_KEPT = "vars(__import__('sys')).update(kept=[bytearray(90000) for _ in range(4000)].pop())"
RESIDENT = "int(open('/proc/self/statm').read().split()[1]) * 4096"


def test_a_worker_gives_back_the_memory_that_a_large_file_took() -> None:
    processes = Processes(count=1, memory_megabytes=4000)
    try:
        before = processes.run(eval, RESIDENT, seconds=30).result()
        processes.run(eval, MUCH_WITH_ITS_END_KEPT, seconds=60).result()
        assert processes.run(eval, RESIDENT, seconds=30).result() < before + 180_000_000
    finally:
        processes.close()


def _runs(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
