"""Electronic signatures on mails and PDFs: whose name is in the certificate, and whether the words are still the signed
ones (home of pyHanko and asn1crypto; RFC 5652, RFC 8551, ETSI EN 319 142).

What is always checked is integrity: the content has the signed digest, and the certificate's key made the signature.
Whether the issuer may be trusted is checked where the town keeps the issuers' certificates in a folder (those of the
qualified providers stand in the EU trusted list); whether the certificate was revoked is a question for a person.
"""

import asyncio
import base64
import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from asn1crypto import cms, pem, x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import extract_certificate_info, extract_signer_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_self_reported_ts, validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

from mailroom.model.letter import Signature

_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError,
           NotImplementedError, OSError, UnsupportedAlgorithm, SignatureValidationError, ValidationError,
           PathBuildingError, PdfError)
"""What the two libraries raise over damaged signatures and files; it includes their own errors."""
_T = TypeVar("_T")
_MOST = 20
"""More signatures than this stand in no letter."""
_SIGNED_DATA = "signed_data"
_SEQUENCE = b"\x30"
"""The first octet of all that is in DER or BER."""

logging.getLogger("pyhanko").addHandler(logging.NullHandler())
logging.getLogger("pyhanko").propagate = False  # it writes what stands in citizens' files


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signature with the certificates that came with it, the signer's first."""

    signature: Signature
    certificates: tuple[x509.Certificate, ...]


def judged(found: Iterable[Signed], trusted: Path | None) -> tuple[Signature, ...]:
    """The signatures, each with what the town's certificates in the folder `trusted` (PEM or DER) say of its issuer;
    as they are where there is no such folder, or nothing in it."""
    anchors = _certificates_in(trusted, trusted.stat().st_mtime_ns) if trusted and trusted.is_dir() else ()
    if not anchors:
        return tuple(signed.signature for signed in found)
    return tuple(signed.signature.model_copy(update={"trusted": _leads_to(anchors, signed)}) for signed in found)


@lru_cache(maxsize=2)
def _certificates_in(folder: Path, _changed_at: int) -> tuple[x509.Certificate, ...]:
    """Read anew when the folder has changed. A file that holds no certificate is passed over."""
    return tuple(certificate for path in sorted(folder.iterdir()) for certificate in _certificates_at(path))


def _certificates_at(path: Path) -> tuple[x509.Certificate, ...]:
    return _or_null(lambda: tuple(_certificates_of(path.read_bytes()))) or ()


def _certificates_of(octets: bytes) -> Iterator[x509.Certificate]:
    if not pem.detect(octets):
        yield _parsed(octets)
        return
    for kind, _, content in pem.unarmor(octets, multiple=True):
        if kind == "CERTIFICATE":
            yield _parsed(content)


def _parsed(octets: bytes) -> x509.Certificate:
    certificate = x509.Certificate.load(octets)
    certificate.subject.native  # asn1crypto parses on demand: what is no certificate shows it here  # noqa: B018
    return certificate


def _leads_to(anchors: tuple[x509.Certificate, ...], signed: Signed) -> bool:
    """Whether the certificate was issued by one of the anchors and valid when it signed (RFC 5280, section 6), by the
    signer's clock, or is valid now where that does not say. Nothing is fetched."""
    signer, *others = signed.certificates
    context = ValidationContext(
        trust_roots=anchors, other_certs=others, moment=signed.signature.signed_at or datetime.now(UTC),
        allow_fetching=False)
    validator = CertificateValidator(signer, intermediate_certs=others, validation_context=context)
    return _or_null(lambda: asyncio.run(validator.async_validate_path())) is not None


def signed_content(octets: bytes) -> bytes | None:
    """The MIME message inside an opaque S/MIME signature (RFC 8551, 3.5.2); null when there is none, as in what is
    encrypted."""
    return _or_null(lambda: _encapsulated(_signed_data(octets)))


def mail_signature(octets: bytes, signed: bytes | None = None) -> Signed | None:
    """The signature in these CMS octets over `signed` (RFC 8551, 3.5.3), or over the message inside (3.5.2).

    Null when it cannot be read.
    """
    return _or_null(lambda: _mail_signature(_signed_data(octets), signed))


def pdf_signatures(content: bytes, file: str = "") -> tuple[Signed, ...]:
    """The signatures of a PDF named `file`, in their order; one that cannot be read is left out."""
    if b"/ByteRange" not in content:
        return ()
    found = _or_null(lambda: tuple(_each_pdf_signature(PdfFileReader(io.BytesIO(content), strict=False), file)))
    return found or ()


def signed_part(content: bytes, boundary: str) -> bytes | None:
    """The first part of a multipart/signed exactly as it was signed: canonical line ends, none before the boundary
    (RFC 1847, 2.1); null when the boundary is not there."""
    line = re.escape(boundary.encode("ascii", "replace"))
    parts = re.split(rb"(?:\A|\r?\n)--" + line + rb"(?:--)?[ \t]*(?=\r?\n|\Z)", content, maxsplit=2)
    if len(parts) < 3:
        return None
    return re.sub(rb"\r?\n", b"\r\n", re.sub(rb"\A\r?\n", b"", parts[1]))


def _or_null(read: Callable[[], _T | None]) -> _T | None:
    try:
        return read()
    except _BROKEN:
        return None


def _signed_data(octets: bytes) -> cms.SignedData:
    if octets.lstrip()[:5] == b"-----":
        octets = base64.b64decode(b"".join(re.findall(rb"^[A-Za-z0-9+/=]+\s*$", octets, re.M)))
    if not octets.startswith(_SEQUENCE):  # of anything else asn1crypto may take the square of its length
        raise ValueError("no signed data")
    info = cms.ContentInfo.load(octets)
    if info["content_type"].native != _SIGNED_DATA:
        raise ValueError("no signed data")
    return info["content"]


def _encapsulated(data: cms.SignedData) -> bytes | None:
    content: bytes | None = data["encap_content_info"]["content"].native
    return content


def _mail_signature(data: cms.SignedData, signed: bytes | None) -> Signed:
    content = signed if signed is not None else _encapsulated(data)
    info = extract_signer_info(data)
    came_with = extract_certificate_info(data)
    certificate = came_with.signer_cert
    digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, content or b"").digest()
    intact, valid = validate_sig_integrity(info, certificate, data["encap_content_info"]["content_type"].native, digest)
    signature = _signature(certificate, intact=intact and valid, signed_at=extract_self_reported_ts(info), file="")
    return Signed(signature=signature, certificates=(certificate, *came_with.other_certs))


def _each_pdf_signature(reader: PdfFileReader, file: str) -> Iterator[Signed]:
    for embedded in reader.embedded_regular_signatures[:_MOST]:
        signature = _or_null(lambda: _pdf_signature(embedded, file))  # noqa: B023 - used at once
        if signature:
            yield signature


def _pdf_signature(embedded: EmbeddedPdfSignature, file: str) -> Signed:
    digest = embedded.compute_digest()
    content_type = embedded.signed_data["encap_content_info"]["content_type"].native
    intact, valid = validate_sig_integrity(embedded.signer_info, embedded.signer_cert, content_type, digest)
    whole = embedded.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE
    signature = _signature(embedded.signer_cert, intact=intact and valid, covers_all=whole,
                           signed_at=embedded.self_reported_timestamp, file=file)
    return Signed(signature=signature, certificates=(embedded.signer_cert, *embedded.other_embedded_certs))


def _signature(certificate: x509.Certificate, *, intact: bool, signed_at: datetime | None, file: str,
               covers_all: bool = True) -> Signature:
    """The certificate's subject without its serial number, which in Bulgaria holds the ЕГН (ETSI EN 319 412-1)."""
    subject = certificate.subject.native
    named = " ".join(str(subject[part]) for part in ("given_name", "surname") if part in subject)
    return Signature(
        signer=_one(subject.get("common_name")) or named, organisation=_one(subject.get("organization_name")) or None,
        issuer=_one(certificate.issuer.native.get("common_name")) or certificate.issuer.human_friendly,
        intact=intact, covers_all=covers_all, file=file,
        signed_at=signed_at if signed_at and signed_at.tzinfo else None)


def _one(value: object) -> str:
    """A name's text; some certificates give several."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
