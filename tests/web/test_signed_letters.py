"""What the page of a letter says of its electronic signature and of its form."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from mailroom.model.letter import Signature
from mailroom.web.render import rendered
from tests.web.conftest import Town, take
from tests.web.test_pages import clerk


def _signed_mail() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now, name = datetime.now(UTC), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Елена Станчева")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9)).sign(key, hashes.SHA256()))
    words = "Content-Type: text/plain; charset=utf-8\r\n\r\nМоля да поправите пейката пред ул. „Рила“ 4.\r\n".encode()
    signed = pkcs7.PKCS7SignatureBuilder().set_data(words).add_signer(certificate, key, hashes.SHA256())
    return b"From: elena@mail.example\nSubject: =?utf-8?B?0J/QtdC50LrQsA==?=\n" + signed.sign(
        Encoding.SMIME, [pkcs7.PKCS7Options.DetachedSignature])


def test_an_issuer_that_nobody_has_listed_is_said_not_to_be_checked(town: Town) -> None:
    item_id = take(town.office, "signed", _signed_mail())
    with clerk(town) as client:
        page = client.get(f"/items/{item_id}").text
    assert 'Писмото е подписано електронно от <b lang="bg">Елена Станчева</b>' in page
    assert "(по часовника на подписалия). Съдържанието не е променяно след подписа." in page
    assert "издателят не е проверен: общината не пази списък на доверени издатели." in page
    assert "както е оформен" not in page, "a mail without HTML has no other form to show"


@pytest.mark.parametrize(("judged", "said", "warns"), [
    ({"trusted": True}, "от списъка на доверените издатели; дали е било отменено, не е известно.", False),
    ({"trusted": True, "not_revoked": True, "stamped": True, "signed_at": datetime(2026, 11, 2, 8, 0, tzinfo=UTC)},
     "от списъка на доверените издатели; към подписването не е било отменено.", False),
    ({"trusted": True, "revoked_at": datetime(2026, 11, 3, 8, 0, tzinfo=UTC)}, "Удостоверението е отменено на ", True),
    ({"trusted": False}, "който не е в списъка на доверените издатели на общината.", True),
    ({"trusted": False, "in_term": False}, "срокът на удостоверението е бил изтекъл", True),
], ids=["unknown", "not revoked", "revoked", "somebody else", "out of date"])
def test_what_is_known_of_an_issuer_is_said_in_words(judged: dict[str, object], said: str, warns: bool) -> None:
    signature = Signature.model_validate(
        {"signer": "Елена", "issuer": "Доставчик", "intact": True, **judged})
    shown = rendered("item/signature.html", signature=signature)
    assert said in shown and ("warn" in shown) is warns
    assert ("удостоверено време" in shown) is signature.stamped
