"""`anlan sense cap` and `anlan sense receive`, from files and over the wire."""

import gzip
import io
import json
import os
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.management import call_command
from tests.county.sense.conftest import SAMPLES

from anlan.county.errors import BadInput, Refused
from anlan.county.office.models import Division
from anlan.county.sense.actions import open_event
from anlan.county.sense.feeds import fetch
from anlan.county.sense.models import Alert, Event


def run(name, *words):
    """What the command prints as JSON, and its exit code."""
    out, code = io.StringIO(), 0
    try:
        call_command(name, *words, "--json", stdout=out)
    except SystemExit as leaving:
        code = leaving.code
    return json.loads(out.getvalue()), code


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture
def served():
    """Start a server for a handler; gives its address. All are stopped with the test."""
    running = []

    def serve(handler):
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def answering(**pages):
    """A handler that gives each page `(status, headers, body)` by name."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = pages.get(self.path.strip("/"), (404, {}, b""))
            self.send_response(status)
            for key, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    return Handler


def test_cap_tells_of_each_file_and_stores_nothing(db, tmp_path):
    broken = tmp_path / "broken.xml"
    broken.write_bytes(b"<alert")
    good = str(SAMPLES / "rainstorm_red.xml")
    files = [good, str(broken), str(tmp_path / "missing.xml"), str(tmp_path), "nu\0l"]
    told, code = run("sense_cap", *files)
    assert code == 0
    assert [each["file"] for each in told] == files
    assert [each["verdict"] for each in told] == ["accepted", *["rejected"] * 4]
    assert told[0]["identifier"] == "36012341600000_20260618193000"
    assert (told[0]["msg_type"], told[0]["event"], told[0]["hazard"], told[0]["level"]) == (
        "Alert",
        "暴雨",
        "rainstorm",
        4,
    )
    assert told[0]["areas"] == ["360123000000", "安义县"]
    assert told[1]["findings"] == ["exception:xml"]
    assert [each["findings"] for each in told[2:]] == [["unreadable"]] * 3
    assert (told[1]["identifier"], told[1]["areas"]) == (None, [])
    assert not Alert.objects.exists()


def test_cap_prints_a_line_a_file_for_people(db):
    out = io.StringIO()
    call_command("sense_cap", str(SAMPLES / "rainstorm_red.xml"), stdout=out)
    assert out.getvalue().split("\t")[1] == "accepted"


@pytest.mark.data
def test_cap_does_not_stumble_over_any_real_file(real_data):
    files = [str(path) for path in sorted((real_data / "cap").rglob("*")) if path.is_file()]
    told, code = run("sense_cap", *files)
    assert (len(told), code) == (len(files), 0)


@pytest.mark.clause("W2")
def test_a_folder_is_taken_in_and_again_without_harm(county):
    told, code = run("sense_receive", str(SAMPLES))
    assert code == 0
    assert {each["outcome"] for each in told} == {"received"}
    assert [each["name"] for each in told] == sorted(path.name for path in SAMPLES.glob("*.xml"))
    again, _code = run("sense_receive", SAMPLES.as_uri())
    assert {each["outcome"] for each in again} == {"known"}
    assert Alert.objects.count() == len(told)


def test_one_broken_file_does_not_keep_out_the_others(county, tmp_path, sample):
    (tmp_path / "a.xml").write_bytes(b"<alert")
    (tmp_path / "b.cap").write_bytes(sample())
    (tmp_path / "c.txt").write_bytes(sample("convection_polygon"))
    told, code = run("sense_receive", str(tmp_path))
    assert [(each["name"], each["outcome"]) for each in told] == [("a.xml", "refused"), ("b.cap", "received")]
    assert "不是完整的 XML" in told[0]["reason"]
    assert code == 0


def test_an_update_reaches_its_event(county, people, sample, tmp_path):
    run("sense_receive", str(SAMPLES / "rainstorm_red.xml"))
    open_event(alert=Alert.objects.get(), by=people["anlan"])
    told, _code = run("sense_receive", str(SAMPLES / "rainstorm_update.xml"))
    assert told[0]["event"] == Event.objects.get().code
    out = io.StringIO()
    call_command("sense_receive", str(SAMPLES / "rainstorm_update.xml"), stdout=out)
    assert out.getvalue().split("\t")[:2] == ["rainstorm_update.xml", "known"]


def test_an_untrusted_source_with_findings_is_held_and_the_exit_code_says_so(county, tmp_path, sample):
    file = tmp_path / "a.xml"
    file.write_bytes(sample(replace={"<scope>Public": "<scope>Private"}))
    told, code = run("sense_receive", str(file), "--untrusted")
    assert (told[0]["outcome"], code) == ("held", 2)
    told, code = run("sense_receive", str(file))
    assert (told[0]["outcome"], code) == ("received", 0)


@pytest.mark.parametrize(
    "source", ["ftp://host/a.xml", "gopher://x", "http://", "file://host/etc", "http://[::1", "://"]
)
def test_a_strange_source_is_refused(county, source):
    with pytest.raises(BadInput):
        run("sense_receive", source)


def test_a_source_that_gives_nothing_is_refused(county, tmp_path):
    with pytest.raises(BadInput, match="no alerts"):
        run("sense_receive", str(tmp_path))
    with pytest.raises(fetch.NotFetched, match="打不开"):
        run("sense_receive", str(tmp_path / "missing.xml"))
    with pytest.raises(Refused, match="取不到"):
        run("sense_receive", "http://127.0.0.1:9/feed")


@pytest.mark.clause("W2", "H3")
def test_a_directory_on_the_web_is_taken_in(county, served):
    address = served(partial(Quiet, directory=str(SAMPLES)))
    told, code = run("sense_receive", f"{address}/")
    assert code == 0
    assert sorted(each["name"] for each in told) == sorted(path.name for path in SAMPLES.glob("*.xml"))
    assert Alert.objects.count() == len(told)


def test_a_single_alert_on_the_web_is_taken_in(county, served, sample):
    told, _code = run("sense_receive", served(answering(alert=(200, {}, sample()))) + "/alert")
    assert (told[0]["name"], told[0]["outcome"]) == ("alert", "received")


def test_a_feed_is_followed_within_its_site_alone(county, served, sample):
    inside = sample("rainstorm_update").decode().partition("?>")[2]
    feed = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">
      <entry><link href="page"/><link type="application/cap+xml" href="one"/></entry>
      <entry><link href="one"/></entry><entry><link href="gone"/></entry><entry><link href="turn"/></entry>
      <entry><content src="two"/></entry><entry/><entry><link href="http://[broken"/></entry>
      <entry><link href="http://example.org/far"/></entry><entry><content type="text/xml">{inside}</content></entry>
    </feed>""".encode()
    pages = {"feed": (200, {}, feed), "one": (200, {}, sample()), "two": (200, {}, sample("convection_polygon")),
             "turn": (302, {"Location": "http://localhost:1/inside"}, b"")}  # fmt: skip
    told, code = run("sense_receive", served(answering(**pages)) + "/feed")
    found = {each["name"]: each for each in told}
    assert code == 0
    assert {name: each["outcome"] for name, each in found.items()} == {
        "feed#1": "received", "one": "received", "two": "received",
        "gone": "refused", "turn": "refused", "far": "refused",
    }  # fmt: skip
    assert "HTTP 404" in found["gone"]["reason"]
    assert "另一个网站" in found["turn"]["reason"]
    assert "另一个网站" in found["far"]["reason"]


def test_an_rss_feed_is_followed_too(county, served, sample):
    feed = b"<rss><channel><link>x</link><item><link> one </link></item></channel></rss>"
    told, _code = run("sense_receive", served(answering(feed=(200, {}, feed), one=(200, {}, sample()))) + "/feed")
    assert [each["name"] for each in told] == ["one"]


def test_a_redirection_within_the_site_is_followed(county, served, sample):
    address = served(answering(here=(302, {"Location": "/there"}, b""), there=(200, {}, sample())))
    assert fetch.fetch(f"{address}/here") == sample()


def test_too_much_and_too_slow_are_given_up(county, served, monkeypatch, sample):
    monkeypatch.setattr(fetch, "LARGEST_BYTES", 100)
    monkeypatch.setattr(fetch, "PIECE", 64)
    address = served(answering(big=(200, {}, sample())))
    assert len(fetch.fetch(f"{address}/big")) == 101
    monkeypatch.setattr(fetch, "WHOLE_S", -1.0)
    with pytest.raises(fetch.NotFetched, match="太慢"):
        fetch.fetch(f"{address}/big")


@pytest.mark.data
def test_real_feeds_are_read_for_what_they_are(real_data):
    from anlan.county.sense.feeds.listing import listed

    google = real_data / "cap/google"
    assert len(listed((google / "weather_index.atom").read_bytes()).links) == 2
    assert len(listed((google / "ny_index.rss").read_bytes()).links) == 2
    assert len(listed((google / "canada_signed.atom").read_bytes()).inline) == 1
    assert listed((google / "xee.atom").read_bytes()) is None
    assert listed((google / "australia.cap").read_bytes()) is None
    assert listed(b"garbage") is None


def test_cap_outlives_whatever_lies_on_a_disk(db, tmp_path, sample):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    odd = os.fsencode(tmp_path) + b"/\xff\xfe.xml"
    Path(os.fsdecode(odd)).write_bytes(sample())
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "a.gz").write_bytes(gzip.compress(sample()))
    with (tmp_path / "large.xml").open("wb") as file:
        file.truncate(100_000_000)
    files = [*(str(tmp_path / name) for name in ("pipe", "empty", "a.gz", "large.xml")), os.fsdecode(odd), "/dev/zero"]
    told, code = run("sense_cap", *files)
    assert code == 0
    assert [each["findings"] for each in told] == [
        ["unreadable"], ["exception:empty"], ["exception:packed"], ["exception:size"], [], ["unreadable"]]  # fmt: skip
    assert told[4]["file"].endswith("\\udcff\\udcfe.xml")


def test_cap_tells_which_references_are_among_the_files(db):
    names = ("rainstorm_red", "rainstorm_update", "rainstorm_cancel")
    told, _code = run("sense_cap", *(str(SAMPLES / f"{name}.xml") for name in names))
    assert told[0]["references"] == []
    assert all(each["references"] and not each["dangling"] for each in told[1:])
    alone, _code = run("sense_cap", str(SAMPLES / "rainstorm_update.xml"))
    assert alone[0]["dangling"] == alone[0]["references"] != []


@pytest.mark.clause("W3")
def test_cap_names_the_townships_of_the_text(county, tmp_path, sample):
    file = tmp_path / "a.xml"
    name = Division.objects.get(pk="360123101000").name
    file.write_bytes(sample(replace={"过去3小时我县部分乡镇": f"过去3小时{name}"}))
    told, _code = run("sense_cap", str(file), "--places")
    (place,) = told[0]["places"]
    assert (place["word"], place["codes"], place["left_out"]) == (name, ["360123101000"], False)
    (tmp_path / "b.xml").write_bytes(b"no alert")
    assert run("sense_cap", str(tmp_path / "b.xml"), "--places")[0][0]["places"] == []
