"""Signed mails and PDFs: whose certificate it is, and whether the words are still those that were signed."""

import io
import re
import subprocess
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import crl, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from mailroom.model.arrival import Channel
from mailroom.model.letter import Signature
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.reading.original import html_of
from mailroom.reading.signatures import mail_signature, pdf_signatures
from mailroom.reading.trust import judged
from tests.reading.material import b64, raw_mail, read

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NAME = x509.Name([
    x509.NameAttribute(NameOID.COMMON_NAME, "Елена Димова Станчева"),
    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Явор 7 ЕООД"),
    x509.NameAttribute(NameOID.SERIAL_NUMBER, "PNOBG-7501010010"),
])
ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Издател на удостоверения")])
CERTIFICATE = (
    x509.CertificateBuilder().subject_name(NAME).issuer_name(ISSUER).public_key(KEY.public_key()).serial_number(7)
    .not_valid_before(datetime.now(UTC) - timedelta(days=1)).not_valid_after(datetime.now(UTC) + timedelta(days=9))
    .sign(KEY, hashes.SHA256()))
WORDS = "Content-Type: text/plain; charset=utf-8\r\n\r\nПодписано писмо за улицата.\r\n".encode()


def _signed_mail(*, detached: bool) -> bytes:
    options = [pkcs7.PKCS7Options.DetachedSignature] if detached else []
    builder = pkcs7.PKCS7SignatureBuilder().set_data(WORDS).add_signer(CERTIFICATE, KEY, hashes.SHA256())
    message = b"From: elena@mail.example\nSubject: x\n" + builder.sign(Encoding.SMIME, options)
    return re.sub(rb"\r?\n", b"\r\n", message)


def _blank_pdf() -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(made)
    return made.getvalue()


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _asn1_key(key: rsa.RSAPrivateKey) -> keys.PrivateKeyInfo:
    return keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _signed_pdf(pdf: bytes | None = None, *, field: str = "podpis") -> bytes:
    signer = SimpleSigner(
        signing_cert=_asn1(CERTIFICATE), signing_key=_asn1_key(KEY),
        cert_registry=SimpleCertificateStore.from_certs([]))
    signed = sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf or _blank_pdf())),
                      PdfSignatureMetadata(field_name=field), signer=signer)
    return bytes(signed.getvalue())


def _who(signature: Signature) -> tuple[str, str | None, str]:
    return signature.signer, signature.organisation, signature.issuer


HER = ("Елена Димова Станчева", "Явор 7 ЕООД", "Издател на удостоверения")


@pytest.mark.parametrize("detached", [True, False], ids=["detached", "opaque"])
def test_a_signed_mail_is_read_and_names_its_signer(detached: bool) -> None:
    letter = read(_signed_mail(detached=detached))
    assert letter.text.strip() == "Подписано писмо за улицата." and letter.attachments == ()
    assert [_who(s) for s in letter.signatures] == [HER]
    assert letter.signatures[0].intact and letter.signatures[0].signed_at is not None
    assert "7501010010" not in letter.model_dump_json(), "the certificate's serial number holds the ЕГН"


def test_changed_words_under_a_signature_are_seen() -> None:
    changed = _signed_mail(detached=True).replace("улицата".encode(), "площада".encode())
    letter = read(changed)
    assert "площада" in letter.text and [s.intact for s in letter.signatures] == [False]


def test_a_signature_of_a_forwarded_mail_is_the_citizens() -> None:
    outer = EmailMessage()
    outer["From"], outer["To"], outer["Subject"] = "clerk@grad.example", "center@grad.example", "FW: x"
    outer.set_content("За завеждане.")
    outer.add_attachment(_signed_mail(detached=True), maintype="application", subtype="octet-stream",
                         filename="писмо.eml")
    letter = read(outer.as_bytes())
    assert [(_who(s), s.intact) for s in letter.signatures] == [(HER, True)]


def test_an_opaque_signature_written_in_pieces_is_opened(tmp_path: Path) -> None:
    """OpenSSL streams: BER with indefinite lengths and a string in pieces, as large mails are signed."""
    (tmp_path / "key.pem").write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "certificate.pem").write_bytes(CERTIFICATE.public_bytes(Encoding.PEM))
    cms = subprocess.run(
        ["openssl", "cms", "-sign", "-stream", "-nodetach", "-binary", "-outform", "DER", "-signer",
         str(tmp_path / "certificate.pem"), "-inkey", str(tmp_path / "key.pem")],
        input=WORDS, capture_output=True, check=True).stdout
    assert cms[1] == 0x80, "an indefinite length"
    letter = read(raw_mail(b64(cms), "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
                           transfer="base64"))
    assert letter.text.strip() == "Подписано писмо за улицата."
    assert [(_who(s), s.intact) for s in letter.signatures] == [(HER, True)]


def test_an_encrypted_mail_is_not_opened() -> None:
    sealed = read(raw_mail(b64(b"\x30\x80garbage"), "application/pkcs7-mime; name=smime.p7m", transfer="base64"))
    assert not sealed.legible and [f.code for f in sealed.faults] == ["sealed_mail"] and sealed.signatures == ()


def test_a_signed_pdf_names_its_signer() -> None:
    [signature] = judged(pdf_signatures(_signed_pdf(), "жалба.pdf"), None)
    assert _who(signature) == HER and signature.file == "жалба.pdf"
    assert signature.intact and signature.covers_all


def test_a_pdf_that_was_added_to_after_signing_says_so() -> None:
    twice = judged(pdf_signatures(_signed_pdf(_signed_pdf(), field="vtori")), None)
    assert [(s.intact, s.covers_all) for s in twice] == [(True, False), (True, True)]


def test_a_pdf_that_was_changed_after_signing_says_so() -> None:
    signed = _signed_pdf()
    changed = signed.replace(b"/MediaBox [ 0 0 612 792 ]", b"/MediaBox [ 0 0 613 792 ]")
    assert changed != signed and [s.intact for s in judged(pdf_signatures(changed), None)] == [False]


@pytest.mark.parametrize("content", [b"%PDF-1.4 /ByteRange", b"/ByteRange" * 1000, _signed_pdf()[:-2000]])
def test_a_damaged_signed_pdf_has_no_signature(content: bytes) -> None:
    assert pdf_signatures(content) == ()


def _certificate(subject: str, *, key: rsa.RSAPrivateKey, issuer: str, issuer_key: rsa.RSAPrivateKey, authority: bool,
                 days: int = 9) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256()))


ROOT_KEY, ISSUING_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
ROOT = _certificate("Корен", key=ROOT_KEY, issuer="Корен", issuer_key=ROOT_KEY, authority=True)
ISSUING = _certificate("Доставчик", key=ISSUING_KEY, issuer="Корен", issuer_key=ROOT_KEY, authority=True)


def _signer(days: int = 9) -> x509.Certificate:
    return _certificate("Елена", key=KEY, issuer="Доставчик", issuer_key=ISSUING_KEY, authority=False, days=days)


def _signed_by(days: int = 9, signer: x509.Certificate | None = None) -> bytes:
    """CMS octets of a signer whom the issuing authority certified; its own certificate comes along."""
    return (pkcs7.PKCS7SignatureBuilder().set_data(WORDS).add_signer(signer or _signer(days), KEY, hashes.SHA256())
            .add_certificate(ISSUING).sign(Encoding.DER, []))


@pytest.mark.parametrize(("kept", "days", "trusted"), [
    ([], 9, None),
    ([ISSUING], 9, True),
    ([ROOT], 9, True),
    ([ROOT, CERTIFICATE], 9, True),
    ([CERTIFICATE], 9, False),
    ([ISSUING], -3, False),
], ids=["no folder", "its issuer", "the root", "several", "somebody else", "expired"])
def test_an_issuer_is_trusted_when_its_certificate_is_kept(
        kept: list[x509.Certificate], days: int, trusted: bool | None, tmp_path: Path) -> None:
    for at, certificate in enumerate(kept):
        encoding = Encoding.PEM if at % 2 else Encoding.DER
        (tmp_path / f"{at}.crt").write_bytes(certificate.public_bytes(encoding))
    (tmp_path / "readme.txt").write_text("Удостоверения на доставчиците")
    found = mail_signature(_signed_by(days))
    assert found is not None
    [signature] = judged([found], tmp_path)
    assert (signature.intact, signature.trusted, signature.in_term) == (True, trusted, days > 0)


def _list(*revoked: tuple[x509.Certificate, timedelta], of: str = "Доставчик", by: rsa.RSAPrivateKey = ISSUING_KEY,
          age: timedelta = timedelta(hours=1), lasts: timedelta = timedelta(days=1)) -> x509.CertificateRevocationList:
    """An issuer's revocation list, with the certificates and how long ago each was revoked."""
    now = datetime.now(UTC)
    builder = (x509.CertificateRevocationListBuilder()
               .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, of)]))
               .last_update(now - age).next_update(now - age + lasts))
    for certificate, ago in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(now - ago)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(by, hashes.SHA256())


def _keep(folder: Path, *kept: x509.Certificate | x509.CertificateRevocationList) -> Path:
    for one in kept:
        (folder / f"{len(list(folder.iterdir()))}").write_bytes(one.public_bytes(Encoding.DER))
    return folder


OTHER_ISSUERS_LIST = _list(of="Друг")


def test_a_list_that_does_not_name_the_certificate_clears_it(tmp_path: Path) -> None:
    """Where every issuer on the way has one; that of another issuer, or one that is out of date, says nothing."""
    found = mail_signature(_signed_by())
    assert found is not None
    cleared = []
    for number, lists in enumerate(([], [OTHER_ISSUERS_LIST], [_list(age=timedelta(days=9))], [_list()])):
        (tmp_path / str(number)).mkdir()
        [signature] = judged([found], _keep(tmp_path / str(number), ISSUING, *lists))
        assert signature.trusted and signature.revoked_at is None
        cleared.append(signature.not_revoked)
    assert cleared == [False, False, False, True]


def test_a_whole_way_to_the_root_needs_the_lists_of_both(tmp_path: Path) -> None:
    found = mail_signature(_signed_by())
    assert found is not None
    [half] = judged([found], _keep(tmp_path, ROOT, _list()))
    [whole] = judged([found], _keep(tmp_path, _list(of="Корен", by=ROOT_KEY)))
    assert (half.trusted, half.not_revoked) == (True, False)
    assert (whole.trusted, whole.not_revoked) == (True, True)


@pytest.mark.parametrize("days", [0, 5], ids=["lasting", "out of date"])
def test_a_revoked_certificate_says_when(days: int, tmp_path: Path) -> None:
    """Also by a list that is out of date: what was revoked stays so."""
    signer, ago = _signer(), timedelta(days=days, hours=2)
    found = mail_signature(_signed_by(signer=signer))
    assert found is not None
    revoked = _list((signer, ago), age=timedelta(days=days, hours=1))
    [signature] = judged([found], _keep(tmp_path, ISSUING, revoked))
    assert signature.trusted and not signature.not_revoked
    assert signature.revoked_at == revoked[0].revocation_date_utc


def test_a_list_that_somebody_else_signed_says_nothing(tmp_path: Path) -> None:
    signer = _signer()
    found = mail_signature(_signed_by(signer=signer))
    assert found is not None
    forged = _list((signer, timedelta(days=1)), by=KEY)
    [signature] = judged([found], _keep(tmp_path, ISSUING, forged))
    assert (signature.trusted, signature.revoked_at, signature.not_revoked) == (True, None, False)


def test_a_list_that_is_fetched_anew_is_read_anew(tmp_path: Path) -> None:
    signer = _signer()
    found = mail_signature(_signed_by(signer=signer))
    assert found is not None
    _keep(tmp_path, ISSUING)
    (tmp_path / "list.crl").write_bytes(_list().public_bytes(Encoding.PEM))
    [before] = judged([found], tmp_path)
    (tmp_path / "list.crl").write_bytes(_list((signer, timedelta(hours=3))).public_bytes(Encoding.PEM))
    [after] = judged([found], tmp_path)
    assert before.not_revoked and after.revoked_at is not None


AUTHORITY_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
AUTHORITY = (
    x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Време")]))
    .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Корен")])).public_key(AUTHORITY_KEY.public_key())
    .serial_number(77).not_valid_before(datetime.now(UTC) - timedelta(days=30))
    .not_valid_after(datetime.now(UTC) + timedelta(days=9))
    .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    .sign(ROOT_KEY, hashes.SHA256()))
"""Tells the time of signatures."""
STAMPED = timedelta(hours=3)
"""So long ago."""


def _kept_for_later(signer: x509.Certificate, *lists: x509.CertificateRevocationList) -> bytes:
    """A PDF signed with a time stamp, with the certificates and lists that prove it (PAdES, level LT)."""
    stamper = DummyTimeStamper(
        _asn1(AUTHORITY), _asn1_key(AUTHORITY_KEY), fixed_dt=datetime.now(UTC) - STAMPED,
        certs_to_embed=SimpleCertificateStore.from_certs([_asn1(ROOT)]))
    signing = SimpleSigner(signing_cert=_asn1(signer), signing_key=_asn1_key(KEY),
                           cert_registry=SimpleCertificateStore.from_certs([_asn1(ISSUING)]))
    signed = sign_pdf(IncrementalPdfFileWriter(io.BytesIO(_blank_pdf())), PdfSignatureMetadata(field_name="podpis"),
                      signer=signing, timestamper=stamper)
    DocumentSecurityStore.add_dss(
        signed, None, certs=[_asn1(ROOT)],
        crls=[crl.CertificateList.load(one.public_bytes(Encoding.DER)) for one in lists])
    return bytes(signed.getvalue())


def test_a_pdf_that_brings_its_proof_needs_only_the_root(tmp_path: Path) -> None:
    """Time stamp and revocation lists are in the file; adding them is not adding to what was signed."""
    pdf = _kept_for_later(_signer(), _list(), _list(of="Корен", by=ROOT_KEY))
    [signature] = judged(pdf_signatures(pdf), _keep(tmp_path, ROOT))
    assert (signature.intact, signature.covers_all, signature.stamped) == (True, True, True)
    assert (signature.trusted, signature.not_revoked, signature.revoked_at) == (True, True, None)


def test_a_time_stamp_of_an_unknown_authority_is_the_signers_own_clock(tmp_path: Path) -> None:
    pdf = _kept_for_later(_signer())
    [signature] = judged(pdf_signatures(pdf), _keep(tmp_path, ISSUING))
    assert (signature.trusted, signature.stamped) == (True, False)


def test_a_certificate_revoked_after_a_stamped_signature_had_been_good(tmp_path: Path) -> None:
    signer = _signer()
    pdf = _kept_for_later(signer, _list(of="Корен", by=ROOT_KEY))
    [signature] = judged(pdf_signatures(pdf), _keep(tmp_path, ROOT, _list((signer, timedelta(hours=2)))))
    assert signature.stamped and signature.not_revoked and signature.signed_at is not None
    assert signature.revoked_at is not None and signature.revoked_at > signature.signed_at


def test_without_a_folder_nothing_is_said_of_the_issuer(tmp_path: Path) -> None:
    found = mail_signature(_signed_by())
    assert found is not None
    assert [judged([found], folder)[0].trusted for folder in (None, tmp_path / "missing")] == [None, None]


def test_a_letters_signatures_are_judged_by_the_towns_folder(tmp_path: Path) -> None:
    (tmp_path / "issuer.pem").write_bytes(CERTIFICATE.public_bytes(Encoding.PEM))
    options = ReadingOptions(trusted=tmp_path)
    mail = read_letter(_signed_mail(detached=True), Channel.EMAIL, options)
    scan = read_letter(_signed_pdf(), Channel.PAPER, options)
    assert [s.trusted for s in (*mail.signatures, *scan.signatures)] == [True, True]


def test_the_html_inside_an_opaque_signature_can_be_shown() -> None:
    words = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Words</p>\r\n"
    builder = pkcs7.PKCS7SignatureBuilder().set_data(words).add_signer(CERTIFICATE, KEY, hashes.SHA256())
    message = b"From: elena@mail.example\nSubject: x\n" + builder.sign(Encoding.SMIME, [])
    assert read(message).has_html and "<p>Words</p>" in (html_of(message) or "")
