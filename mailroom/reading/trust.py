"""Whether the issuer of a signature may be trusted (home of pyhanko-certvalidator; RFC 5280, section 6).

The town keeps in one folder, as files of any name, the certificates of the issuers that it trusts (those of the
qualified providers stand in the EU trusted list) and, where it wants to know of revocation, the issuers' revocation
lists. Nothing is fetched. Along comes what the signature itself brings: certificates, revocation lists and OCSP
answers, the token of a time-stamp authority. In this order:

1. When was it signed? By a trusted authority's time stamp, else by the signer's own clock, else now.
2. Does the certificate lead to one of the town's, every one on the way being valid at that time?
3. Does any list or answer say that one on the way was revoked, at any time? Who signs with a stolen key sets his clock
   back; so a person is told the day, whenever it was.
4. Do lists or answers of that time or later cover the whole way? Then it had not been revoked.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path

from asn1crypto import pem, x509
from cryptography.x509 import Certificate, load_der_x509_certificate
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from mailroom.model.letter import Signature
from mailroom.reading.revocation import Sources, is_good, sources, statements
from mailroom.reading.signatures import Signed, Stamp, in_term, or_null

_STAMPS = "time_stamping"
"""What a time-stamp authority's certificate is for (RFC 3161, 2.3)."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the town keeps in its folder."""

    certificates: tuple[x509.Certificate, ...] = ()
    sources: Sources = field(default_factory=Sources)


def judged(found: Iterable[Signed], folder: Path | None) -> tuple[Signature, ...]:
    """The signatures, each with what the town's folder says of its issuer; as they are where there is no such folder,
    or no certificate in it."""
    kept = _kept_in(_files(folder)) if folder and folder.is_dir() else _Kept()
    return tuple(_judged(signed, kept) if kept.certificates else signed.signature for signed in found)


def _files(folder: Path) -> tuple[tuple[Path, int], ...]:
    """The files and when each was written: a list that is fetched anew keeps its name."""
    return tuple((path, path.stat().st_mtime_ns) for path in sorted(folder.iterdir()) if path.is_file())


@lru_cache(maxsize=2)
def _kept_in(files: tuple[tuple[Path, int], ...]) -> _Kept:
    """A file that holds neither certificate nor list is passed over."""
    octets = [der for path, _ in files for der in or_null(partial(_unwrapped, path)) or ()]
    read = [(der, or_null(partial(_certificate, der))) for der in octets]
    return _Kept(tuple(certificate for _, certificate in read if certificate),
                 sources([der for der, certificate in read if certificate is None], ()))


def _unwrapped(path: Path) -> tuple[bytes, ...]:
    octets = path.read_bytes()
    return tuple(der for _, _, der in pem.unarmor(octets, multiple=True)) if pem.detect(octets) else (octets,)


def _certificate(octets: bytes) -> x509.Certificate:
    load_der_x509_certificate(octets)  # asn1crypto parses on demand, and takes a list for a certificate
    return x509.Certificate.load(octets)


def _judged(signed: Signed, kept: _Kept) -> Signature:
    stamped_at = next((stamp.at for stamp in signed.stamps if _stamps(stamp, kept)), None)
    signed_at = stamped_at or signed.signature.signed_at
    moment = signed_at or datetime.now(UTC)
    way = or_null(partial(_way, signed, kept, moment))
    said = [statements(certificate, issuer, _all(signed, kept)) for issuer, certificate in _steps(way)] if way else []
    return signed.signature.model_copy(update={
        "signed_at": signed_at, "stamped": stamped_at is not None, "in_term": in_term(signed.certificates[0], moment),
        "trusted": way is not None, "not_revoked": bool(said) and all(is_good(step, moment) for step in said),
        "revoked_at": min((one.revoked_at for step in said for one in step if one.revoked_at), default=None)})


def _stamps(stamp: Stamp, kept: _Kept) -> bool:
    """Whether a time stamp comes from an authority that the town trusts."""
    first, *others = stamp.certificates
    context = ValidationContext(trust_roots=kept.certificates, moment=stamp.at, allow_fetching=False)
    validator = CertificateValidator(first, intermediate_certs=others, validation_context=context)
    return or_null(lambda: asyncio.run(validator.async_validate_usage(set(), extended_key_usage={_STAMPS}))) is not None


def _way(signed: Signed, kept: _Kept, moment: datetime) -> ValidationPath:
    """From a certificate that the town trusts to the signer's. Raises one of BROKEN where there is none."""
    first, *others = signed.certificates
    context = ValidationContext(
        trust_roots=kept.certificates, other_certs=others, moment=moment, allow_fetching=False)
    validator = CertificateValidator(first, intermediate_certs=others, validation_context=context)
    return asyncio.run(validator.async_validate_path())


def _steps(way: ValidationPath) -> Iterator[tuple[Certificate, Certificate]]:
    """Each issuer on the way with the certificate that it issued, from the trusted one on."""
    certificates = [load_der_x509_certificate(one.dump()) for one in way.iter_certs(include_root=True)]
    yield from pairwise(certificates)


def _all(signed: Signed, kept: _Kept) -> Sources:
    brought = sources(signed.lists, signed.answers)
    return Sources((*brought.lists, *kept.sources.lists), brought.answers)
