"""Authorities and signers invented for a test, and alerts signed by them."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from signxml.algorithms import SignatureConstructionMethod
from signxml.signer import XMLSigner

FROM = datetime(2026, 1, 1, tzinfo=UTC)


class Holder:
    """A key with its certificate, signed by another holder or by itself."""

    def __init__(self, name, issuer=None, *, ca=False, length=None, until=FROM + timedelta(days=365), usage=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
        signer = issuer or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name).issuer_name(signer.name).public_key(self.key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(FROM).not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca, length), critical=True)
        )  # fmt: skip
        if usage is not None:
            builder = builder.add_extension(_usage(usage), critical=True)
        self.certificate = builder.sign(signer.key, hashes.SHA256())

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def _usage(sign):
    flags = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign", "encipher_only",
         "decipher_only"), False)  # fmt: skip
    return x509.KeyUsage(digital_signature=True, key_cert_sign=sign, **flags)


def signed(data, holder, *chain, reference=None):
    """An alert with an enveloped signature that brings its certificates along."""
    root = etree.fromstring(data)
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped, signature_algorithm="ecdsa-sha256", digest_algorithm="sha256"
    )
    certificates = [each.certificate for each in (holder, *chain)]
    made = signer.sign(root, key=holder.key, cert=certificates, reference_uri=reference)
    return etree.tostring(made, xml_declaration=True, encoding="UTF-8")
