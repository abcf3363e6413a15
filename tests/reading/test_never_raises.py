"""Reading never raises, for any octets."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailroom.model.arrival import Channel
from mailroom.model.letter import Letter
from tests.reading.material import mail, read

CORPUS = Path(__file__).parents[1] / "corpus"
MAILS = sorted(CORPUS.glob("mail/*/*.eml"))
PDFS = sorted(CORPUS.glob("pdf/*.pdf"))


@pytest.mark.parametrize("path", [*MAILS, *PDFS], ids=lambda p: p.name)
def test_every_odd_file_is_a_letter(path: Path) -> None:
    letter = read(path.read_bytes(), Channel.EMAIL if path.suffix == ".eml" else Channel.PAPER)
    kept = letter.model_dump_json()
    assert Letter.model_validate_json(kept).model_dump_json() == kept


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(MAILS), st.randoms(use_true_random=False))
def test_mails_with_random_damage_are_letters(path: Path, chance: random.Random) -> None:
    octets = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(octets) + 1)
        octets[at:at + chance.randrange(40)] = chance.choice(
            (b"", b"\x00", b"\xff\xfe", b"\n\n", b"--", b"=?utf-8?B?", b"Content-Type: multipart/mixed\n", b"<",
             b";name*0*=x"))
    read(bytes(octets)).model_dump_json()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(list(Channel)))
def test_random_octets_are_a_letter(octets: bytes, channel: Channel) -> None:
    read(octets, channel).model_dump_json()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_comes_through_a_mail(text: str) -> None:
    read(mail(text.encode("utf-8", "replace").decode().replace("\r", " ")).as_bytes())
