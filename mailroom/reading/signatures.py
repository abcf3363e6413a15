"""Electronic signatures on mails and PDFs: whose name is in the certificate, and whether the words are still the signed
ones (home of pyHanko; RFC 5652, RFC 8551, ETSI EN 319 142).

What is checked here is integrity: the content has the signed digest, and the certificate's key made the signature. With
it go what the signature brings for trust.py to judge the issuer by.
"""

import base64
import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from asn1crypto import cms, tsp, x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.general import extract_certificate_info, extract_signer_info
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError, SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_self_reported_ts, extract_tst_data_iter, validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

from mailroom.model.letter import Signature

BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError,
           NotImplementedError, OSError, UnsupportedAlgorithm, SignatureValidationError, ValidationError,
           PathBuildingError, PdfError)
"""What the libraries raise over damaged signatures, certificates and files; it includes their own errors."""
_T = TypeVar("_T")
_MOST = 20
"""More signatures than this stand in no letter."""
_SIGNED_DATA = "signed_data"
_SEQUENCE = b"\x30"
"""The first octet of all that is in DER or BER."""

logging.getLogger("pyhanko").addHandler(logging.NullHandler())
logging.getLogger("pyhanko").propagate = False  # it writes what stands in citizens' files


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """An intact token of a time-stamp authority over a signature (RFC 3161; CAdES and PAdES, level T)."""

    at: datetime
    certificates: tuple[x509.Certificate, ...]
    """Those that came with it, the authority's first."""


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signature with what came with it for judging its issuer."""

    signature: Signature
    certificates: tuple[x509.Certificate, ...]
    """The signer's first."""
    lists: tuple[bytes, ...] = ()
    """Revocation lists, in DER."""
    answers: tuple[bytes, ...] = ()
    """What an issuer's OCSP server said, in DER."""
    stamps: tuple[Stamp, ...] = ()


def in_term(certificate: x509.Certificate, moment: datetime) -> bool:
    """Whether the certificate's own dates include this time."""
    return bool(certificate.not_valid_before <= moment <= certificate.not_valid_after)


def signed_content(octets: bytes) -> bytes | None:
    """The MIME message inside an opaque S/MIME signature (RFC 8551, 3.5.2); null when there is none, as in what is
    encrypted."""
    return or_null(lambda: _encapsulated(_signed_data(octets)))


def mail_signature(octets: bytes, signed: bytes | None = None) -> Signed | None:
    """The signature in these CMS octets over `signed` (RFC 8551, 3.5.3), or over the message inside (3.5.2).

    Null when it cannot be read.
    """
    return or_null(lambda: _mail_signature(_signed_data(octets), signed))


def pdf_signatures(content: bytes, file: str = "") -> tuple[Signed, ...]:
    """The signatures of a PDF named `file`, in their order; one that cannot be read is left out."""
    if b"/ByteRange" not in content:
        return ()
    found = or_null(lambda: tuple(_each_pdf_signature(PdfFileReader(io.BytesIO(content), strict=False), file)))
    return found or ()


def signed_part(content: bytes, boundary: str) -> bytes | None:
    """The first part of a multipart/signed exactly as it was signed: canonical line ends, none before the boundary
    (RFC 1847, 2.1); null when the boundary is not there."""
    line = re.escape(boundary.encode("ascii", "replace"))
    parts = re.split(rb"(?:\A|\r?\n)--" + line + rb"(?:--)?[ \t]*(?=\r?\n|\Z)", content, maxsplit=2)
    if len(parts) < 3:
        return None
    return re.sub(rb"\r?\n", b"\r\n", re.sub(rb"\A\r?\n", b"", parts[1]))


def or_null(read: Callable[[], _T | None]) -> _T | None:
    """What is read; null where the octets are damaged."""
    try:
        return read()
    except BROKEN:
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
    return Signed(signature=signature, certificates=(certificate, *came_with.other_certs), lists=_lists_of(data),
                  stamps=tuple(_stamps(info)))


def _lists_of(data: cms.SignedData) -> tuple[bytes, ...]:
    """The revocation lists that the signature holds (RFC 5652, 5.1)."""
    return tuple(choice.chosen.dump() for choice in data["crls"] if choice.name == "certificate_list")


def _stamps(info: cms.SignerInfo) -> Iterator[Stamp]:
    """The time stamps over the signature that are intact and are about it (RFC 3161, appendix A)."""
    for token in extract_tst_data_iter(info, signed=False):
        stamp = or_null(partial(_stamp, token, info["signature"].native))
        if stamp:
            yield stamp


def _stamp(token: cms.SignedData, stamped: bytes) -> Stamp | None:
    content = token["encap_content_info"]["content"]
    told: tsp.TSTInfo = content.parsed
    imprint = told["message_imprint"]
    info, came_with = extract_signer_info(token), extract_certificate_info(token)
    digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
    intact, valid = validate_sig_integrity(info, came_with.signer_cert, "tst_info", digest)
    about_it = hashlib.new(imprint["hash_algorithm"]["algorithm"].native, stamped).digest() == (
        imprint["hashed_message"].native)
    if not (intact and valid and about_it):
        return None
    return Stamp(at=told["gen_time"].native, certificates=(came_with.signer_cert, *came_with.other_certs))


def _each_pdf_signature(reader: PdfFileReader, file: str) -> Iterator[Signed]:
    store = or_null(partial(_store, reader)) or _Store()
    for embedded in reader.embedded_regular_signatures[:_MOST]:
        signature = or_null(partial(_pdf_signature, embedded, file, store))
        if signature:
            yield signature


@dataclass(frozen=True, kw_only=True)
class _Store:
    """What a PDF keeps for judging its signatures later (PAdES, level LT: ETSI EN 319 142-1, 5.4)."""

    certificates: tuple[x509.Certificate, ...] = ()
    lists: tuple[bytes, ...] = ()
    answers: tuple[bytes, ...] = ()


def _store(reader: PdfFileReader) -> _Store:
    try:
        found = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return _Store()
    return _Store(
        certificates=tuple(found.load_certs()),
        lists=tuple(kept.get_object().data for kept in found.crls),
        answers=tuple(kept.get_object().data for kept in found.ocsps))


def _pdf_signature(embedded: EmbeddedPdfSignature, file: str, store: _Store) -> Signed:
    digest = embedded.compute_digest()
    content_type = embedded.signed_data["encap_content_info"]["content_type"].native
    intact, valid = validate_sig_integrity(embedded.signer_info, embedded.signer_cert, content_type, digest)
    signature = _signature(embedded.signer_cert, intact=intact and valid, covers_all=_covers_all(embedded),
                           signed_at=embedded.self_reported_timestamp, file=file)
    brought = _brought(embedded.signer_info)
    return Signed(
        signature=signature,
        certificates=(embedded.signer_cert, *embedded.other_embedded_certs, *store.certificates),
        lists=(*_lists_of(embedded.signed_data), *brought.lists, *store.lists),
        answers=(*brought.answers, *store.answers), stamps=tuple(_stamps(embedded.signer_info)))


def _covers_all(embedded: EmbeddedPdfSignature) -> bool:
    """Whether nothing was added but what proves the signature for later (PAdES, levels LT and LTA)."""
    coverage = embedded.evaluate_signature_coverage()
    if coverage is not SignatureCoverageLevel.ENTIRE_REVISION:
        return coverage is SignatureCoverageLevel.ENTIRE_FILE
    added = or_null(lambda: DEFAULT_DIFF_POLICY.review_file(
        embedded.reader, embedded.signed_revision, embedded.fieldmdp, embedded.docmdp_level))
    return isinstance(added, DiffResult) and added.modification_level <= ModificationLevel.LTA_UPDATES


def _brought(info: cms.SignerInfo) -> _Store:
    """Lists and answers among the signed attributes, as Adobe's programs put them (ISO 32000-2, 12.8.3.3.2)."""
    kept = [value for attribute in info["signed_attrs"] for value in attribute["values"]
            if attribute["type"].native == "adobe_revocation_info_archival"]
    return _Store(lists=tuple(one.dump() for value in kept for one in value["crl"]),
                  answers=tuple(one.dump() for value in kept for one in value["ocsp"]))


def _signature(certificate: x509.Certificate, *, intact: bool, signed_at: datetime | None, file: str,
               covers_all: bool = True) -> Signature:
    """The certificate's subject without its serial number, which in Bulgaria holds the ЕГН (ETSI EN 319 412-1)."""
    subject = certificate.subject.native
    known = signed_at if signed_at and signed_at.tzinfo else None
    named = " ".join(str(subject[part]) for part in ("given_name", "surname") if part in subject)
    return Signature(
        signer=_one(subject.get("common_name")) or named, organisation=_one(subject.get("organization_name")) or None,
        issuer=_one(certificate.issuer.native.get("common_name")) or certificate.issuer.human_friendly,
        intact=intact, covers_all=covers_all, file=file, in_term=in_term(certificate, known or datetime.now(UTC)),
        signed_at=known)


def _one(value: object) -> str:
    """A name's text; some certificates give several."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
