"""Letters in office documents and archives."""

import io
import tarfile
import zipfile
from pathlib import Path

import libarchive
import pytest

from mailroom.mediatype import media_type_of
from mailroom.reading import archives
from mailroom.reading.documents import Document, read_document
from mailroom.reading.options import ReadingOptions
from tests.reading.material import mail, read, typed_pdf

WORD_97 = (Path(__file__).parents[1] / "corpus" / "documents" / "word97.doc").read_bytes()
LETTER = "Моля да поставите пейка пред аптеката.\nПенка Тодорова".encode()


def _read(content: bytes) -> Document:
    return read_document(content, media_type_of(content), ReadingOptions())


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def _tar_gz() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        member = tarfile.TarInfo("../../etc/писмо.txt")
        member.size = len(LETTER)
        archive.addfile(member, io.BytesIO(LETTER))
    return out.getvalue()


def _seven_zip(*, password: str = "") -> bytes:
    octets = bytearray()

    def write(block: bytes) -> int:
        octets.extend(block)
        return len(block)

    options = "encryption=aes256" if password else ""
    with libarchive.custom_writer(write, "zip" if password else "7zip", options=options,
                                  passphrase=password or None) as archive:
        archive.add_file_from_memory("писмо.txt", len(LETTER), LETTER)
    return bytes(octets)


def test_an_old_word_document_is_read() -> None:
    document = _read(WORD_97)
    assert "ЖАЛБА" in document.text and "„Чипровци“ № 14, гр. Русе" in document.text and document.readable
    message = mail("")
    message.add_attachment(WORD_97, maintype="application", subtype="msword", filename="жалба.doc")
    assert "контейнерите пред блока" in read(message.as_bytes()).text


@pytest.mark.parametrize("content", [WORD_97[:600], WORD_97[:512] + bytes(4000)])
def test_a_damaged_word_document_never_raises(content: bytes) -> None:
    read_document(content, "application/msword", ReadingOptions())


@pytest.mark.parametrize("content", [_zip(letter=LETTER), _zip(a__b=LETTER), _tar_gz(), _seven_zip()],
                         ids=["zip", "folders", "tar.gz", "7z"])
def test_a_letter_in_an_archive_is_read(content: bytes) -> None:
    message = mail("Виж прикачения файл")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="писмо.bin")
    letter = read(message.as_bytes())
    assert letter.text == "Виж прикачения файл\n\n" + LETTER.decode()
    assert len(letter.attachments) == 1 and letter.legible and letter.faults == ()


def test_the_pages_of_all_documents_in_an_archive_are_numbered_on() -> None:
    document = _read(_zip(first=typed_pdf(), text=LETTER, second=typed_pdf()))
    assert [page.number for page in document.pages] == [1, 2] and "пейка" in document.text


def test_of_several_documents_in_an_archive_each_says_which_it_is() -> None:
    document = _read(_zip(**{"молба.txt": LETTER, "скица/опис.txt": "Опис на плана.".encode()}))
    assert document.text == f"[молба.txt]\n{LETTER.decode()}\n\n[опис.txt]\nОпис на плана."


@pytest.mark.parametrize(("name", "warned"), [("призовка.pdf.js", True), ("setup.EXE", True), ("план.exe.txt", False)])
def test_a_program_in_an_archive_is_told_of(name: str, warned: bool) -> None:
    message = mail("Това е дълго писмо за ремонта на улицата, което не сочи към никакви други неща.")
    message.add_attachment(_zip(**{name: b"x"}), maintype="application", subtype="zip", filename="писмо.zip")
    assert ("program_inside" in {fault.code for fault in read(message.as_bytes()).faults}) is warned


@pytest.mark.parametrize(("content", "code"), [
    (_zip(inner=_zip(letter=LETTER)), "archive_inside"),
    (_seven_zip(password="тайна"), "archive_locked"),
    (_zip(letter=LETTER)[:60], "damaged_archive"),
    (_zip(bomb=bytes(archives.LARGEST_FILE + 1)), "archive_too_large"),
    (_zip(**{f"f{number}": b"x" for number in range(archives.MOST_FILES + 1)}), "archive_too_large"),
], ids=["inside", "locked", "damaged", "bomb", "many"])
def test_what_is_not_opened_is_a_fault_that_a_person_sees(content: bytes, code: str) -> None:
    assert code in {fault.code for fault in _read(content).faults}
