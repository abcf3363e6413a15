"""Signed mails and PDFs: whose certificate it is, and whether the words are still those that were signed."""

import io
import re
import subprocess
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko_certvalidator.registry import SimpleCertificateStore

from mailroom.model.arrival import Channel
from mailroom.model.letter import Signature
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.reading.original import html_of
from mailroom.reading.signatures import judged, mail_signature, pdf_signatures
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


def _signed_pdf(pdf: bytes | None = None, *, field: str = "podpis") -> bytes:
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(CERTIFICATE.public_bytes(Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
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


def _signed_by(days: int = 9) -> bytes:
    """CMS octets of a signer whom the issuing authority certified; its own certificate comes along."""
    signer = _certificate("Елена", key=KEY, issuer="Доставчик", issuer_key=ISSUING_KEY, authority=False, days=days)
    return (pkcs7.PKCS7SignatureBuilder().set_data(WORDS).add_signer(signer, KEY, hashes.SHA256())
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
    assert (signature.intact, signature.trusted) == (True, trusted)


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
