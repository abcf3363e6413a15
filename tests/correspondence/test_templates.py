"""Letters come from files that a town may override, and a wrong file is named."""

from pathlib import Path

import pytest

from mailroom.config import packaged
from mailroom.correspondence.acknowledgement import write_acknowledgement
from mailroom.correspondence.templates import Templates
from mailroom.errors import Misconfigured
from tests.correspondence.samples import ENTRY, PACK, SENDING, item, packaged_templates


def own_file(folder: Path, name: str, text: str) -> Templates:
    """The program's templates with one file of the town's own."""
    path = folder / name
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return Templates(packaged("templates"), folder)


def test_every_packaged_template_compiles() -> None:
    assert "acknowledgement/body.txt" in packaged_templates().check()


def test_a_town_overrides_one_file_and_keeps_the_rest(tmp_path: Path) -> None:
    templates = own_file(tmp_path, "acknowledgement/subject.txt", "При нас е Вашето писмо № {{ number }}\n")
    draft = write_acknowledgement(item(), ENTRY, PACK, templates, **SENDING)
    assert draft is not None
    assert draft.subject == "При нас е Вашето писмо № 94-00-17/20.11.2026"
    assert "Не е нужно да правите нищо." in draft.text


@pytest.mark.parametrize(("text", "told"), [
    ("едно\n{% if %}\n", "acknowledgement/body.txt, line 2"),
    ("{{ numbr }}", "'numbr' is undefined"),
    ("{% include 'base/gone.txt' %}", "base/gone.txt is missing"),
])
def test_a_wrong_template_is_named(tmp_path: Path, text: str, told: str) -> None:
    templates = own_file(tmp_path, "acknowledgement/body.txt", text)
    with pytest.raises(Misconfigured, match=told):
        write_acknowledgement(item(), ENTRY, PACK, templates, **SENDING)


def test_check_finds_a_wrong_template_before_any_letter_is_written(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"base/page\.html, line 1"):
        own_file(tmp_path, "base/page.html", "{% block %}").check()


def test_what_a_citizen_wrote_is_text_and_never_markup() -> None:
    draft = write_acknowledgement(item(sender_name='<img src="x">', language="en"), ENTRY, PACK, packaged_templates(),
                                  **SENDING)
    page = write_acknowledgement(item(sender_name="<b>&", email=None), ENTRY, PACK, packaged_templates(), **SENDING)
    assert draft is not None and page is not None
    assert "<img" not in draft.html + draft.page_html
    assert "&lt;b&gt;&amp;" in page.page_html and "&amp;" not in page.text
