"""Bytes in, a verdict out: what a CAP 1.2 document says, and what is wrong with it. Never raises."""

from dataclasses import dataclass

from anlan.county.sense.feeds.cap import gate, schema, signature
from anlan.county.sense.feeds.cap.checks import check, notes
from anlan.county.sense.feeds.cap.document import laid_out
from anlan.county.sense.feeds.cap.findings import MOST, Finding, verdict
from anlan.county.sense.feeds.cap.reading import Alert, read
from anlan.county.sense.feeds.cap.roots import NONE, Roots


@dataclass(frozen=True, slots=True)
class Parsed:
    """The verdict (`accepted`, `flagged`, `rejected`), the findings, and the alert unless it was rejected.

    `notes` are things to know that change no verdict. `signed` where there is a signature, `trusted` where it was
    made with a certificate that goes back to a configured root, and covers the document as it stands.
    """

    verdict: str
    findings: tuple[Finding, ...] = ()
    alert: Alert | None = None
    signed: bool = False
    trusted: bool = False
    notes: tuple[Finding, ...] = ()

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, each once, in order."""
        return sorted({finding.code for finding in self.findings})


def parse(data: bytes, roots: Roots = NONE) -> Parsed:
    """Judge a document and read it. A signature is checked against these roots and nothing else."""
    admitted = gate.admit(data)
    if admitted.finding is not None:
        return Parsed("rejected", (admitted.finding,))
    root, findings = schema.tree(admitted.text)
    if root is None:
        return Parsed("rejected", tuple(findings))
    told = laid_out(root)
    findings += check(told)
    known = notes(told)
    signed = "xmldsig#" in admitted.text and root.find(schema.SIGNATURE) is not None  # the first look is the quick one
    trusted = False
    if signed and not roots:
        known.append(Finding("signature-unchecked"))
    elif signed:
        doubts = signature.doubts(admitted.text, told.said("sent"), roots)
        findings += doubts
        trusted = not doubts
    decided = verdict(findings)
    alert = read(told) if decided != "rejected" else None
    return Parsed(decided, _few(findings), alert, signed, trusted, tuple(known))


def _few(findings: list[Finding]) -> tuple[Finding, ...]:
    """All codes, but not every place."""
    if len(findings) <= MOST:
        return tuple(findings)
    first = {finding.code: finding for finding in reversed(findings)}
    return tuple(reversed(first.values()))
