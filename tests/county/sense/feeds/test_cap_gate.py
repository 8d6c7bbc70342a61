"""What never reaches a parser."""

import time

import pytest

from anlan.county.sense.feeds.cap import gate, schema
from anlan.county.sense.feeds.cap.parse import parse

BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + ']><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&lol9;</identifier></alert>'
)
XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a xmlns="urn:oasis:names:tc:emergency:cap:1.2">&x;</a>'


@pytest.mark.parametrize("text", [BOMB, XXE, XXE.replace("DOCTYPE", "doctype"), "<!ELEMENT a ANY><a/>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "latin-1"])
def test_a_document_type_is_refused_in_whatever_encoding_it_hides(text, encoding):
    begun = time.process_time()
    parsed = parse(text.encode(encoding))
    assert parsed.codes == ["exception:doctype"]
    assert parsed.verdict == "rejected"
    assert parsed.alert is None
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    "prolog",
    [
        "<!-- a comment -->",
        "<!-- <a> -->\n<?pi ?>",
        "\n\t ",
        "<?xml version='1.0'?><!-- - -->",
        "<?pi <!-- ?>",
        "\ufeff",
    ],
)
def test_it_is_found_behind_comments_and_instructions(prolog):
    assert parse(f"{prolog}{XXE}".encode()).codes == ["exception:doctype"]


def test_the_word_is_free_to_stand_in_a_text(sample):
    spoken = sample(replace={"请立即做好防范。": "请勿使用 &lt;!DOCTYPE html> 与 <![CDATA[<!DOCTYPE a>]]>"})
    assert parse(spoken).verdict == "accepted"
    assert "<!DOCTYPE a>" in parse(spoken).alert.description
    commented = b"<!-- <!DOCTYPE a> -->" + sample().split(b"?>", 1)[1]
    assert parse(commented).verdict == "accepted"


@pytest.mark.parametrize("data", [b"<!-- never closed <a/>", b"<?pi never closed <a/>", b"<!--", b"<?", b"-->", b"<"])
def test_what_is_never_closed_is_no_document(data):
    assert parse(data).codes == ["exception:xml"]


@pytest.mark.parametrize("data", [b"", b"   \r\n\t", b"\0" * 100])
def test_nothing_is_nothing(data):
    assert parse(data).codes == ["exception:empty"]


def test_ten_megabytes_are_refused_unread():
    begun = time.process_time()
    assert parse(b"<alert>" + b"x" * 10_000_000).codes == ["exception:size"]
    assert time.process_time() - begun < 0.5


def test_the_largest_document_that_is_let_in_is_dealt_with_in_bounded_time():
    filler = (
        b"<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'>"
        + b"<x/>" * ((gate.LARGEST_BYTES - 70) // 4)
        + b"</alert>"
    )
    assert len(filler) <= gate.LARGEST_BYTES
    begun = time.process_time()
    assert parse(filler).verdict == "rejected"
    assert time.process_time() - begun < 20


@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "gb2312", "big5", "utf-16"])
def test_china_s_other_encodings_are_read(sample, encoding):
    text = sample().decode().replace("UTF-8", encoding)
    if encoding == "big5":
        text = text.replace("预警", "警").encode(encoding, "xmlcharrefreplace").decode(encoding)
    alert = parse(text.encode(encoding)).alert
    assert alert.hazard == "rainstorm"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read(sample, encoding):
    assert parse(sample().decode().encode(encoding)).verdict == "accepted"


@pytest.mark.parametrize(
    ("declared", "code"),
    [("gbk", "exception:encoding"), ("UTF-7", "exception:encoding"), ("cp037", "exception:encoding"),
     ("no-such-thing", "exception:encoding"), ("utf-16", "exception:xml"), ("ascii", "exception:encoding"),
     ("rot13", "exception:encoding"), ("zlib", "exception:encoding")],
)  # fmt: skip
def test_a_wrong_or_strange_declaration_is_refused(sample, declared, code):
    assert parse(sample().replace(b"UTF-8", declared.encode()) + b"\xff").codes == [code]


def test_utf_32_is_refused_and_not_taken_for_utf_16(sample):
    assert parse(sample().decode().encode("utf-32")).codes == ["exception:encoding"]


def test_bytes_that_are_not_utf_8_are_named_by_their_place(sample):
    (finding,) = parse(sample().replace("暴雨".encode(), b"\xb1\xa9\xd3\xea", 1)).findings
    assert finding.code == "exception:encoding"
    assert "utf-8 @" in str(finding)


def test_a_null_byte_is_not_xml(sample):
    assert parse(sample().replace(b"Actual", b"Act\0ual")).codes == ["exception:xml"]


def test_behind_the_gate_the_parser_looks_again():
    root, (finding,) = schema.tree(XXE)
    assert (root, finding.code) == (None, "exception:doctype")


def test_the_parser_expands_nothing_and_fetches_nothing():
    root = schema.root_of(XXE)
    assert "root:" not in "".join(root.itertext())
