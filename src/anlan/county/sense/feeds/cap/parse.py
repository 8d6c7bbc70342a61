"""Bytes in, a verdict out: what a CAP 1.2 document says, and what is wrong with it. Never raises."""

from dataclasses import dataclass

from lxml.etree import _Element

from anlan.county.sense.feeds.cap import gate, schema
from anlan.county.sense.feeds.cap.checks import check
from anlan.county.sense.feeds.cap.findings import MOST, Finding, verdict
from anlan.county.sense.feeds.cap.reading import Alert, read


@dataclass(frozen=True, slots=True)
class Parsed:
    """The verdict (`accepted`, `flagged`, `rejected`), the findings, and the alert unless it was rejected.

    `signed` notes a signature. It is not checked: there is no list of roots a county could trust, and a signature
    that is checked against the certificate it brings along proves nothing.
    """

    verdict: str
    findings: tuple[Finding, ...] = ()
    alert: Alert | None = None
    signed: bool = False

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, each once, in order."""
        return sorted({finding.code for finding in self.findings})


def parse(data: bytes) -> Parsed:
    """Judge a document and read it."""
    admitted = gate.admit(data)
    if admitted.finding is not None:
        return _judged([admitted.finding], None)
    root, findings = schema.tree(admitted.text)
    if root is not None:
        findings += check(root)
    return _judged(findings, root)


def _judged(findings: list[Finding], root: _Element | None) -> Parsed:
    decided = verdict(findings)
    alert = read(root) if root is not None and decided != "rejected" else None
    signed = root is not None and root.find(schema.SIGNATURE) is not None
    return Parsed(decided, tuple(_few(findings)), alert, signed)


def _few(findings: list[Finding]) -> list[Finding]:
    """All codes, but not every place."""
    first = {finding.code: finding for finding in reversed(findings)}
    return findings if len(findings) <= MOST else list(reversed(first.values()))
