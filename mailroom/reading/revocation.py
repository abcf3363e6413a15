"""Whether an issuer says that a certificate was revoked: revocation lists (RFC 5280, section 6.3), OCSP (RFC 6960).

Only what the issuer itself signed counts, or a responder that it certified for this. pyhanko-certvalidator is not
asked: it wants the way from a list to a root, and what towns trust is the issuer itself, as in the EU trusted list.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from mailroom.reading.signatures import or_null


@dataclass(frozen=True, slots=True)
class Statement:
    """What one list or answer says of one certificate."""

    revoked_at: datetime | None
    good_until: datetime | None
    """Until when its silence speaks for the certificate; null where it is not about all certificates."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Revocation lists and OCSP answers, not yet checked."""

    lists: tuple[x509.CertificateRevocationList, ...] = ()
    answers: tuple[ocsp.OCSPResponse, ...] = ()


def sources(lists: Iterable[bytes], answers: Iterable[bytes]) -> Sources:
    """Those of these octets (DER) that can be read."""
    read_lists = (or_null(partial(x509.load_der_x509_crl, octets)) for octets in lists)
    read_answers = (or_null(partial(ocsp.load_der_ocsp_response, octets)) for octets in answers)
    return Sources(tuple(one for one in read_lists if one is not None),  # a list that names nobody is false
                   tuple(one for one in read_answers if one is not None))


def statements(certificate: x509.Certificate, issuer: x509.Certificate, found: Sources) -> tuple[Statement, ...]:
    """What the issuer says of the certificate in all of these."""
    lists = (or_null(partial(_of_list, certificate, issuer, one)) for one in found.lists)
    answers = (or_null(partial(_of_answer, certificate, issuer, one)) for one in found.answers)
    return tuple(filter(None, (*lists, *answers)))


def is_good(said: Iterable[Statement], moment: datetime) -> bool:
    """Whether it had not been revoked at this time: something of that time or later says so, and nothing denies it."""
    told = tuple(said)
    denied = any(one.revoked_at and one.revoked_at <= moment for one in told)
    return not denied and any(one.good_until and one.good_until >= moment for one in told)


def _of_list(certificate: x509.Certificate, issuer: x509.Certificate, revoked: x509.CertificateRevocationList
             ) -> Statement | None:
    if revoked.issuer != certificate.issuer or not revoked.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
        return None
    if any(isinstance(extension.value, x509.DeltaCRLIndicator) for extension in revoked.extensions):
        return None
    entry = revoked.get_revoked_certificate_by_serial_number(certificate.serial_number)
    return Statement(entry.revocation_date_utc if entry else None,
                     revoked.next_update_utc if _is_about(revoked, certificate) else None)


def _is_about(revoked: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Whether the list would name the certificate: lists may be about a part of them (RFC 5280, 5.2.5)."""
    parts = [extension.value for extension in revoked.extensions
             if isinstance(extension.value, x509.IssuingDistributionPoint)]
    if not parts:
        return True
    part = parts[0]
    if part.indirect_crl or part.only_some_reasons or part.only_contains_attribute_certs or part.relative_name:
        return False
    authority = any(isinstance(extension.value, x509.BasicConstraints) and extension.value.ca
                    for extension in certificate.extensions)
    if (part.only_contains_ca_certs and not authority) or (part.only_contains_user_certs and authority):
        return False
    return not part.full_name or bool(set(part.full_name) & set(_places(certificate)))


def _places(certificate: x509.Certificate) -> Iterator[x509.GeneralName]:
    """Where the certificate says that its list is."""
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.CRLDistributionPoints):
            for point in extension.value:
                yield from point.full_name or ()


def _of_answer(certificate: x509.Certificate, issuer: x509.Certificate, answer: ocsp.OCSPResponse) -> Statement | None:
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL or not _speaks_for(answer, issuer):
        return None
    for single in answer.responses:
        if single.serial_number == certificate.serial_number:
            good = single.certificate_status is ocsp.OCSPCertStatus.GOOD
            return Statement(single.revocation_time_utc,
                             single.next_update_utc or single.this_update_utc if good else None)
    return None


def _speaks_for(answer: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Whether the issuer made the answer, or somebody whom it certified to (RFC 6960, 4.2.2.2)."""
    return any(_made(answer, signer) for signer in (issuer, *answer.certificates)
               if signer == issuer or or_null(partial(_is_responder, signer, issuer)))


def _is_responder(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    return ExtendedKeyUsageOID.OCSP_SIGNING in uses


def _made(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, digest = signer.public_key(), answer.signature_hash_algorithm
    try:
        if isinstance(key, rsa.RSAPublicKey) and digest:
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and digest:
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True
