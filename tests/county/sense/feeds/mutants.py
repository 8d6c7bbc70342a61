"""Alerts with one defect each, made from a good one, and the verdict each must get. Nothing here is a real alert."""

import gzip
import io
import zipfile
from dataclasses import dataclass

NS = "urn:oasis:names:tc:emergency:cap:1.2"
POLYGON = "28.86,115.56 28.86,115.66 28.95,115.66 28.95,115.56 28.86,115.56"
GOOD = f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="{NS}">
<identifier>36012341600000_20260618193000</identifier>
<sender>example_office</sender>
<sent>2026-06-18T19:30:00+08:00</sent>
<status>Actual</status>
<msgType>Alert</msgType>
<scope>Public</scope>
<info>
<language>zh-CN</language>
<category>Met</category>
<event>暴雨</event>
<urgency>Immediate</urgency>
<severity>Extreme</severity>
<certainty>Likely</certainty>
<effective>2026-06-18T19:30:00+08:00</effective>
<onset>2026-06-18T20:00:00+08:00</onset>
<expires>2026-06-19T01:30:00+08:00</expires>
<senderName>示例</senderName>
<headline>示例县发布暴雨红色预警信号[Ⅰ级/特别重大]</headline>
<description>示例正文</description>
<web>https://example.org/</web>
<area>
<areaDesc>示例镇</areaDesc>
<polygon>{POLYGON}</polygon>
<geocode><valueName>CPEAS Geographic Code</valueName><value>360123000000</value></geocode>
</area>
</info>
</alert>
"""
REFERENCE = "<references>example_office,36012341600000_20260618180000,2026-06-18T18:00:00+08:00</references>"
BOMB = "<!DOCTYPE a [<!ENTITY b0 'x'>" + "".join(f"<!ENTITY b{n} '{f'&b{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"
INFO = GOOD[GOOD.index("<info>") : GOOD.index("</alert>")]
AREA = GOOD[GOOD.index("<area>") : GOOD.index("</info>")]


@dataclass(frozen=True)
class Mutant:
    """A document, the verdict it must get, and a code that must be among its findings (if any)."""

    name: str
    data: bytes
    verdict: str
    code: str = ""


def _changed(*pairs):
    text = GOOD
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def _prolog(declaration):
    return GOOD.replace("<alert", f"{declaration}<alert", 1).encode()


def _zipped():
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("alert.xml", b"\0" * 10_000_000)
    return memory.getvalue()


def _no_document():
    yield "doctype", _prolog("<!DOCTYPE alert>"), "exception:doctype"
    yield "entity_bomb", _prolog(BOMB).replace("示例正文".encode(), b"&b9;"), "exception:doctype"
    yield "quadratic_bomb", _prolog(f"<!DOCTYPE a [<!ENTITY x '{'x' * 50_000}'>]>"), "exception:doctype"
    yield "xxe_file", _prolog("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"), "exception:doctype"
    yield "xxe_web", _prolog("<!DOCTYPE a [<!ENTITY x SYSTEM 'http://127.0.0.1:9/'>]>"), "exception:doctype"
    yield "xxe_parameter", _prolog("<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1:9/'> %x;]>"), "exception:doctype"
    yield "doctype_utf16", _prolog("<!DOCTYPE alert>").decode().replace("UTF-8", "UTF-16").encode("utf-16"), \
        "exception:doctype"  # fmt: skip
    yield "undeclared_entity", _changed(("示例正文", "&bomb;")), "exception:xml"


def _no_alert():
    yield "namespace_1_0", _changed((NS, "http://www.incident.com/cap/1.0")), "not-cap"
    yield "namespace_1_1", _changed((NS, NS.replace("1.2", "1.1"))), "other-version"
    yield "namespace_other", _changed((NS, "urn:example")), "not-cap"
    yield "no_namespace", _changed((f' xmlns="{NS}"', "")), "not-cap"
    yield "json", b'{"identifier": "x"}', "exception:xml"
    yield "html", b"<html><body>404</body></html>", "not-cap"
    yield "html5", b"<!DOCTYPE html><html></html>", "exception:doctype"
    yield "atom", b'<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>', "not-cap"
    yield "empty", b"", "exception:empty"
    yield "gzip", gzip.compress(GOOD.encode()), "exception:packed"
    yield "zip_bomb", _zipped(), "exception:packed"
    yield "huge", GOOD.encode() + b" " * 5_000_000, "exception:size"
    yield "deep", b"<a>" * 100_000, "exception:xml"
    yield "truncated", GOOD.encode()[:700], "exception:xml"
    yield "two_roots", GOOD.encode() + b"<alert/>", "exception:xml"
    yield "not_utf8", _changed(("示例正文", "@")).replace(b"@", b"\xff\xfe"), "exception:encoding"


def _misshapen():
    sent = "2026-06-18T19:30:00+08:00</sent>"
    for name in ("identifier", "sender", "sent", "status", "msgType", "scope", "event", "urgency", "severity",
                 "certainty", "category", "areaDesc"):  # fmt: skip
        start, end = GOOD.index(f"<{name}>"), GOOD.index(f"</{name}>") + len(name) + 3
        yield f"no_{name}", (GOOD[:start] + GOOD[end:]).encode(), "xsd"
    for name, old in (("status", "Actual"), ("msgType", "Alert"), ("scope", "Public"), ("severity", "Extreme"),
                      ("urgency", "Immediate"), ("certainty", "Likely"), ("category", "Met")):  # fmt: skip
        yield f"bad_{name}", _changed((f"<{name}>{old}", f"<{name}>Bogus")), "xsd"
    yield "identifier_twice", _changed(("<sender>", "<identifier>x</identifier><sender>")), "xsd"
    yield "unknown_element", _changed(("<scope>", "<colour>red</colour><scope>")), "xsd"
    yield "wrong_order", _changed(("<status>Actual</status>\n", ""), ("</scope>", "</scope><status>Actual</status>")), \
        "xsd"  # fmt: skip
    yield "sent_without_zone", _changed((sent, "2026-06-18T19:30:00</sent>")), "sent-format"
    yield "sent_z", _changed((sent, "2026-06-18T11:30:00Z</sent>")), "sent-format"
    yield "sent_february_30", _changed((sent, "2026-02-30T19:30:00+08:00</sent>")), "sent-value"
    yield "sent_words", _changed((sent, "昨天</sent>")), "sent-format"
    yield (
        "expires_without_zone",
        _changed(("<expires>2026-06-19T01:30:00+08:00", "<expires>2026-06-19T01:30:00")),
        "xsd",
    )
    yield "identifier_endless", _changed(("36012341600000_20260618193000", "x" * 200)), "identifier-long"


def _said_wrong():
    yield "identifier_space", _changed(("36012341600000_", "36012341600000 ")), "identifier-chars"
    yield "identifier_comma", _changed(("36012341600000_", "36012341600000,")), "identifier-chars"
    yield "identifier_empty", _changed(("36012341600000_20260618193000<", "<")), "identifier-chars"
    yield "sender_comma", _changed(("example_office", "a,b")), "sender-chars"
    yield "sent_buddhist", _changed(("<sent>2026", "<sent>2569")), "sent-buddhist-era"
    yield "expires_buddhist", _changed(("<expires>2026", "<expires>2569")), "time-buddhist-era"
    yield "onset_buddhist", _changed(("<onset>2026", "<onset>2569")), "time-buddhist-era"
    yield "expires_missing", _changed(("<expires>2026-06-19T01:30:00+08:00</expires>\n", "")), "expires-missing"
    yield "expires_before_sent", _changed(("<expires>2026-06-19", "<expires>2026-06-17")), "expires-before-sent"
    yield "expires_at_sent", _changed(("<expires>2026-06-19T01", "<expires>2026-06-18T19")), "expires-before-sent"
    yield "effective_late", _changed(("<effective>2026-06-18", "<effective>2026-06-28")), "effective-after-expires"
    yield "onset_late", _changed(("<onset>2026-06-18", "<onset>2026-06-28")), "onset-after-expires"
    yield "update_of_nothing", _changed((">Alert<", ">Update<")), "references-missing"
    yield "cancel_of_nothing", _changed((">Alert<", ">Cancel<")), "references-missing"
    yield "update_of_itself", _changed(
        (">Alert<", ">Update<"), ("</scope>", "</scope>" + REFERENCE.replace("180000", "193000"))
    ), "references-self"  # fmt: skip
    yield "references_form", _changed((">Alert<", ">Update<"), ("</scope>", "</scope><references>x y</references>")), \
        "references-format"  # fmt: skip
    yield "error", _changed((">Alert<", ">Error<"), ("</scope>", "</scope>" + REFERENCE)), "message-reply"
    yield "ack", _changed((">Alert<", ">Ack<"), ("</scope>", "</scope>" + REFERENCE)), "message-reply"
    yield "restricted", _changed((">Public<", ">Restricted<")), "restriction-missing"
    yield "private", _changed((">Public<", ">Private<")), "addresses-missing"


def _drawn_wrong():
    yield "no_info", GOOD.replace(INFO, "").encode(), "info-missing"
    yield "info_twice", _changed(("</alert>", INFO + "</alert>")), "info-repeated"
    yield "no_area", GOOD.replace(AREA, "").encode(), "area-missing"
    bare = (f"<polygon>{POLYGON}</polygon>\n", ""), (
        "<geocode><valueName>CPEAS Geographic Code</valueName><value>360123000000</value></geocode>\n", "")  # fmt: skip
    yield "area_without_place", _changed(*bare), "area-no-geometry"
    shapes = {
        "short": ("28.86,115.56 28.86,115.66 28.86,115.56", "polygon-short"),
        "open": (POLYGON.rpartition(" ")[0], "polygon-open"),
        "bow_tie": ("28,115 29,116 28,116 29,115 28,115", "polygon-invalid"),
        "star": ("28,115 29,115.4 28,115.8 28.9,114.9 28.9,115.9 28,115", "polygon-invalid"),
        "pentagram": (
            "30,115 27.18,115.59 29.63,113.59 29.63,116.41 27.18,114.41 30,115", "polygon-invalid"),
        "spike": ("28,115 28,116 28,115.5 29,115.5 28,115", "polygon-invalid"),
        "twice_round": (f"{POLYGON} {POLYGON}", "polygon-invalid"),
        "range": ("98.86,115.56 98.86,115.66 98.95,115.66 98.95,115.56 98.86,115.56", "polygon-range"),
        "swapped": ("115.56,28.86 115.66,28.86 115.66,28.95 115.56,28.95 115.56,28.86", "polygon-range"),
        "swapped_west": ("87.5,43.7 87.7,43.7 87.7,43.9 87.5,43.9 87.5,43.7", "polygon-swapped"),
        "nan": (POLYGON.replace("28.95", "nan"), "polygon-number"),
        "words": ("长埠镇全境", "polygon-number"),
        "semicolons": (POLYGON.replace(" ", ";"), "polygon-number"),
        "empty": ("", "polygon-short"),
    }  # fmt: skip
    for name, (text, code) in shapes.items():
        yield f"polygon_{name}", _changed((POLYGON, text)), code
    circles = {
        "negative": ("28.9,115.6 -5", "circle-radius"),
        "range": ("128.9,115.6 5", "circle-range"),
        "words": ("长埠 5", "circle-number"),
        "no_radius": ("28.9,115.6", "circle-number"),
        "world": ("28.9,115.6 30000", "circle-large"),
    }
    for name, (text, code) in circles.items():
        yield f"circle_{name}", _changed((f"<polygon>{POLYGON}</polygon>", f"<circle>{text}</circle>")), code
    for value in ("3601", "36012310", "3601231010000", "960123000000", "安义县"):
        yield f"geocode_{value}", _changed(("360123000000", value)), "geocode-form"


def _contradictory():
    yield "colour_below_severity", _changed(("暴雨红色", "暴雨黄色"), ("[Ⅰ级/特别重大]", "")), "level-mismatch"
    yield "grade_against_colour", _changed(("Ⅰ级/特别重大", "Ⅲ级/较大")), "level-mismatch"
    yield "gravity_against_grade", _changed(("特别重大", "一般")), "level-mismatch"
    yield "link_script", _changed(("https://example.org/", "javascript:alert(1)")), "link-dangerous"
    yield "datum", _changed(("示例镇</areaDesc>", "示例镇（GCJ-02坐标）</areaDesc>")), "datum-shifted"
    parameter = "<parameter><valueName>datum</valueName><value>BD09</value></parameter><area>"
    yield "datum_parameter", _changed(("<area>", parameter)), "datum-shifted"


def _accept():
    yield "good", GOOD.encode()
    yield "bom", b"\xef\xbb\xbf" + GOOD.encode()
    yield "utf_16", GOOD.replace("UTF-8", "UTF-16").encode("utf-16")
    yield "gb18030", GOOD.replace("UTF-8", "GB18030").encode("gb18030")
    yield "test", _changed(("Actual", "Test"))
    yield "exercise", _changed(("Actual", "Exercise"))
    yield "polygon_in_lines", _changed((POLYGON, "\n  " + POLYGON.replace(" ", "\n\t") + "\n"))
    yield "code_of_six_digits", _changed(("360123000000", "360123"))
    yield "code_alone", _changed((f"<polygon>{POLYGON}</polygon>\n", ""))
    yield "html_in_words", _changed(("示例正文", "&lt;script&gt;alert(1)&lt;/script&gt;"))
    yield "doctype_in_words", _changed(("示例正文", "<![CDATA[<!DOCTYPE html>]]>"))
    yield "own_sent_in_reference", _changed(
        (">Alert<", ">Update<"), ("</scope>", "</scope>" + REFERENCE.replace("18:00:00", "19:30:00")))  # fmt: skip
    yield "lifted", _changed(("示例县发布", "示例县解除"), ("Extreme", "Minor"))
    yield "severity_unknown", _changed(("Extreme", "Unknown"))


REJECTED = (_no_document, _no_alert, _misshapen)
FLAGGED = (_said_wrong, _drawn_wrong, _contradictory)


def mutants() -> list[Mutant]:
    """All of them, each under a name of its own."""
    made = [Mutant(name, data, "rejected", code) for make in REJECTED for name, data, code in make()]
    made += [Mutant(name, data, "flagged", code) for make in FLAGGED for name, data, code in make()]
    return made + [Mutant(name, data, "accepted") for name, data in _accept()]
