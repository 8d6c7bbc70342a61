"""An alert's enveloped XML signature against the county's roots. What it brings along is evidence, never trust."""

import base64

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.exceptions import InvalidInput, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from anlan.county.sense.feeds.cap.findings import Finding
from anlan.county.sense.feeds.cap.roots import UNREADABLE, Roots, in_time, readable
from anlan.county.sense.feeds.cap.schema import SIGNATURE
from anlan.county.sense.feeds.cap.words import gregorian, moment

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
MOST = 8  # certificates; a chain has three or four


def doubts(text: str, sent: str, roots: Roots) -> list[Finding]:
    """Why a signed document is not to be trusted as signed; nothing where it is.

    It must have one signature, over the whole document, whose certificate goes back to a root and was valid when
    the alert was sent. Of a certificate nobody here vouches for the signature is not looked at any further.
    """
    root = _parsed(text, blanks=True)
    signatures = list(root.iter(SIGNATURE))
    if len(signatures) != 1 or signatures[0].getparent() is not root or not _covers_all(signatures[0]):
        return [Finding("signature-form")]
    brought = _certificates(signatures[0])
    if not brought:
        return [Finding("signature-unknown")]
    chain = roots.lead_to(brought[0], brought[1:])
    if not chain:
        return [Finding("signature-unknown", brought[0].subject.rfc4514_string()[:80])]
    found = _against(text, brought[0])
    at = moment(sent)
    if at is not None and at.tzinfo is not None and not in_time(chain, gregorian(at)):
        found.append(Finding("signature-time", sent))
    return found


def _against(text: str, certificate: x509.Certificate) -> list[Finding]:
    """Whether the signature fits. Many services sign before they indent: then it fits without the space between."""
    first = _verified(_parsed(text, blanks=True), certificate)
    if first is None or _verified(_parsed(text, blanks=False), certificate) is None:
        return []
    return [first]


def _verified(root: etree._Element, certificate: x509.Certificate) -> Finding | None:
    # The moment of the check is ours to judge, by the moment of sending; here the certificate's own year will do.
    config = SignatureConfiguration(
        location="./", expect_references=1, verification_time=certificate.not_valid_before_utc,
    )  # fmt: skip
    try:
        XMLVerifier().verify(root, x509_cert=certificate, expect_config=config)
    except (InvalidInput, UnsupportedAlgorithm) as error:  # SHA-1, or an algorithm that is not known
        return Finding("signature-form", str(error)[:80])
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, AttributeError) as error:
        return Finding("signature-wrong", str(error)[:80])
    return None


def _covers_all(signature: etree._Element) -> bool:
    """Whether its one reference is to the document itself, changed by nothing but taking the signature out."""
    references = list(signature.iter(f"{_DS}Reference"))
    return len(references) == 1 and references[0].get("URI") == ""


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    """The certificates it brings along, the signer's first as senders write them; all or none can be read."""
    texts = ["".join((each.text or "").split()) for each in signature.iter(f"{_DS}X509Certificate")]
    try:
        return [
            readable(x509.load_der_x509_certificate(base64.b64decode(text, validate=True))) for text in texts[:MOST]
        ]
    except UNREADABLE:
        return []


def _parsed(text: str, *, blanks: bool) -> etree._Element:
    """The document once more: comments and instructions count in what was signed. The gate has let it through."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=not blanks
    )
    return etree.fromstring(text.encode("utf-8"), parser)
