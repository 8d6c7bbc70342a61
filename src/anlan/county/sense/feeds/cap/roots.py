"""The certificates a county trusts, and whether another goes back to one of them. No clock and no network here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

LONGEST_CHAIN = 6
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
UNREADABLE = (
    ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)  # fmt: skip
_ENDINGS = (".pem", ".crt", ".cer")


class NotRoots(ValueError):
    """A file or folder of roots that cannot be used."""


@dataclass(frozen=True)
class Roots:
    """Certificates trusted for themselves: an authority's, or a single sender's own."""

    certificates: tuple[x509.Certificate, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.certificates)

    def lead_to(self, leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
        """The chain from a certificate to a root by way of these others; empty where there is none."""
        chain = [leaf]
        while len(chain) <= LONGEST_CHAIN:
            last = chain[-1]
            if any(_same(last, root) for root in self.certificates):
                return chain
            issuer = next((each for each in self.certificates if _issued(each, last, len(chain))), None)
            if issuer is not None:
                return [*chain, issuer]
            issuer = next((each for each in others if each not in chain and _issued(each, last, len(chain))), None)
            if issuer is None:
                return []
            chain.append(issuer)
        return []


NONE = Roots()


def load(path: Path) -> Roots:
    """The certificates of a PEM file, or of every PEM file in a folder. Raises NotRoots for what cannot be used."""
    try:
        files = sorted(each for each in path.iterdir() if each.suffix in _ENDINGS) if path.is_dir() else [path]
        blocks = [block for each in files for block in _PEM.findall(each.read_bytes())]
        found = tuple(readable(x509.load_pem_x509_certificate(block)) for block in blocks)
    except (OSError, *UNREADABLE) as error:
        raise NotRoots(f"{path}: {error}") from error
    if not found:
        raise NotRoots(f"{path}: no certificate in PEM")
    return Roots(found)


def readable(certificate: x509.Certificate) -> x509.Certificate:
    """The certificate, once each of its parts has been read: they are decoded only when they are asked for."""
    _parts = (certificate.subject.rfc4514_string(), certificate.not_valid_before_utc, certificate.not_valid_after_utc,
              certificate.extensions, certificate.public_key())  # fmt: skip
    return certificate


def in_time(chain: Sequence[x509.Certificate], at: datetime) -> bool:
    """Whether every certificate of a chain was valid at a moment."""
    return all(each.not_valid_before_utc <= at <= each.not_valid_after_utc for each in chain)


def _same(one: x509.Certificate, other: x509.Certificate) -> bool:
    return one.public_bytes(Encoding.DER) == other.public_bytes(Encoding.DER)


def _issued(issuer: x509.Certificate, issued: x509.Certificate, beneath: int) -> bool:
    """Whether an authority signed a certificate that has `beneath` - 1 authorities under it."""
    try:
        issued.verify_directly_issued_by(issuer)
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        length = basic.path_length
    except (InvalidSignature, x509.ExtensionNotFound, *UNREADABLE):
        return False
    return basic.ca and (length is None or length >= beneath - 1) and _may_sign(issuer)


def _may_sign(issuer: x509.Certificate) -> bool:
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True
