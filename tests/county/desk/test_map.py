"""The map: scoped, without names, and drawn as a picture where a live map cannot be."""

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.county.desk.storm import HIT, square

from anlan.county.desk import maps, svg
from anlan.county.desk.maps import Outline, Place
from anlan.county.errors import BadInput

EVERYWHERE = (115.0, 28.0, 116.0, 29.0)
SVG = "{http://www.w3.org/2000/svg}"
places = st.builds(
    Place,
    code=st.just("360123101201"),
    name=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8),
    lon=st.floats(115, 116),
    lat=st.floats(28, 29),
    households=st.integers(0, 3000),
    at_risk=st.floats(0, 100),
    share=st.floats(0, 1),
    band=st.integers(0, 3),
)


@pytest.mark.clause("W3")
def test_villages_are_ordered_by_what_is_expected_of_them(storm, people):
    found = maps.places(storm.event, people["duty_officer"])
    assert [place.name for place in found] == ["示例甲村", "示例丙村"]
    assert found[0].at_risk == pytest.approx(0.9)
    assert [place.band for place in found] == [3, 3]


def test_a_village_s_colour_is_by_share_so_that_a_large_village_is_not_red_for_being_large():
    assert [maps.band(share, maps.VILLAGE_BANDS) for share in (0.0, 0.01, 0.04, 0.5)] == [0, 1, 2, 3]


def test_a_township_sees_its_own_villages_only(storm, people):
    assert [place.name for place in maps.places(storm.event, people["township_officer_b"])] == ["示例丙村"]


def test_a_village_without_a_place_is_left_off_the_map(storm, people):
    storm.hit.division.lon = None
    storm.hit.division.save()
    assert [place.name for place in maps.places(storm.event, people["duty_officer"])] == ["示例丙村"]


def test_households_in_the_window_come_without_names(storm, people):
    found = maps.households(storm.event, people["duty_officer"], EVERYWHERE)
    (feature,) = found["features"]
    assert set(feature["properties"]) == {"code", "rank", "band"}
    assert feature["properties"]["code"] == HIT
    assert found["cut"] is False


def test_households_outside_the_window_or_the_scope_do_not_come(storm, people):
    assert maps.households(storm.event, people["duty_officer"], (110.0, 20.0, 111.0, 21.0))["features"] == []
    assert maps.households(storm.event, people["village_cadre_b"], EVERYWHERE)["features"] == []


def test_a_full_window_says_that_it_was_cut(storm, people, monkeypatch):
    storm.quiet.lon, storm.quiet.lat = 115.54, 28.79
    storm.quiet.save()
    monkeypatch.setattr(maps, "LIMIT", 1)
    found = maps.households(storm.event, people["duty_officer"], EVERYWHERE)
    assert found["cut"] is True
    assert [feature["properties"]["rank"] for feature in found["features"]] == [1]


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "116,28,115,29", "115,29,116,28", "nan,1,2,3"])
def test_a_window_that_is_none_is_refused(text):
    with pytest.raises(BadInput):
        maps.window(text)


def test_a_window_reads_west_south_east_north():
    assert maps.window("115.1,28.2,115.3,28.4") == (115.1, 28.2, 115.3, 28.4)


def test_rings_come_out_of_polygons_and_multipolygons():
    ring = square(0, 0, 1, 1)[0]
    assert maps.rings({"type": "Polygon", "coordinates": [ring]}) == [ring]
    assert maps.rings({"type": "MultiPolygon", "coordinates": [[ring], [ring]]}) == [ring, ring]
    assert maps.rings({"type": "Point", "coordinates": [1, 2]}) == []
    assert maps.rings(None) == []


def test_the_layers_are_geojson(storm, people, client):
    client.force_login(people["duty_officer"])
    data = client.get(reverse("desk:map_layers", args=[storm.event.code])).json()
    assert {key: len(value["features"]) for key, value in data.items()} == {
        "borders": 3, "townships": 2, "villages": 2, "area": 1,
    }  # fmt: skip


def test_the_window_is_asked_for_over_http(storm, people, client):
    client.force_login(people["duty_officer"])
    url = reverse("desk:map_households", args=[storm.event.code])
    assert len(client.get(url, {"box": "115,28,116,29"}).json()["features"]) == 1
    assert client.get(url, {"box": "here"}).status_code == 422
    assert (
        client.get(reverse("desk:map_households", args=["no-such-event"]), {"box": "115,28,116,29"}).status_code == 404
    )


def test_the_page_holds_the_picture_and_the_villages(storm, people, client):
    client.force_login(people["duty_officer"])
    page = client.get(reverse("desk:map", args=[storm.event.code])).content.decode()
    assert '<svg class="map__picture"' in page
    assert "示例甲村" in page
    assert "5 户以上" in page


def test_someone_without_villages_in_reach_is_told_so(storm, people, client):
    storm.event.runs.get().impacts.all().delete()
    client.force_login(people["duty_officer"])
    assert "没有受影响的村" in client.get(reverse("desk:map", args=[storm.event.code])).content.decode()


@settings(max_examples=40)
@given(st.lists(places, max_size=12))
def test_the_picture_is_well_formed_whatever_the_villages_are_called(found):
    border = Outline("县", "county", square(115, 28, 116, 29))
    root = etree.fromstring(svg.draw([border], found, [], "图"))
    assert len(root.findall(f"{SVG}circle")) == len(found)


def test_the_picture_has_north_up_and_more_households_larger():
    south = Place("1", "南村", 115.5, 28.1, 10, 0.0, 0.0, 0)
    north = Place("2", "北村", 115.5, 28.9, 1000, 30.0, 0.03, 3)
    circles = etree.fromstring(svg.draw([], [north, south], [], "图")).findall(f"{SVG}circle")
    by_name = {circle.find(f"{SVG}title").text.split("：")[0]: circle for circle in circles}
    assert float(by_name["北村"].get("cy")) < float(by_name["南村"].get("cy"))
    assert float(by_name["北村"].get("r")) > float(by_name["南村"].get("r"))
    assert by_name["北村"].get("fill") == maps.COLOURS[3]


def test_the_picture_names_townships_where_their_place_is_known():
    named = Outline("万埠镇", "township", square(115, 28, 115.5, 28.5), 115.2, 28.2)
    unplaced = Outline("石鼻镇", "township", square(115.5, 28, 116, 28.5))
    picture = svg.draw([named, unplaced], [], square(115, 28, 115.1, 28.1), "图")
    assert "万埠镇</text>" in picture
    assert "石鼻镇" not in picture
    assert "map__area" in picture


def test_a_picture_of_nothing_is_still_a_picture():
    assert etree.fromstring(svg.draw([], [], [], "图")).tag == f"{SVG}svg"
