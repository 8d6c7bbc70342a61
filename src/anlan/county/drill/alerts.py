"""Alerts as China's offices write them: a twelve-digit area code, no polygon, a sender that is no e-mail address."""

from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from anlan.county.drill.place import county
from anlan.county.drill.scenario import Scenario
from anlan.engine.hazard.taxonomy import HAZARDS

LEVELS = {"蓝": "Ⅳ级/一般", "黄": "Ⅲ级/较重", "橙": "Ⅱ级/严重", "红": "Ⅰ级/特别严重"}
SEVERITIES = {"蓝": "Minor", "黄": "Moderate", "橙": "Severe", "红": "Extreme"}
PUBLISHER = "41600000"


def alert_xml(scenario: Scenario, number: int, start: datetime) -> bytes:
    """The scenario's alert of this number as a CAP 1.2 document, marked as an exercise."""
    alert = scenario.alerts[number]
    sent = start + timedelta(minutes=alert["after_min"])
    place, name = county(), HAZARDS[scenario.hazard].name
    identifiers = [_identifier(start + timedelta(minutes=other["after_min"])) for other in scenario.alerts]
    sender = "安义县气象台（示例）"
    references = f"{sender},{identifiers[number - 1]},{sent.isoformat()}" if number else ""
    headline = f"{sender}发布{name}{alert['colour']}色预警信号[{LEVELS[alert['colour']]}]"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{identifiers[number]}</identifier>
  <sender>{sender}</sender>
  <sent>{sent.isoformat()}</sent>
  <status>Exercise</status>
  <msgType>{"Update" if number else "Alert"}</msgType>
  <scope>Public</scope>
  <note>{escape("演练 示例")}</note>
  {f"<references>{references}</references>" if references else ""}
  <info>
    <language>zh-CN</language>
    <category>Met</category>
    <event>{name}</event>
    <urgency>Unknown</urgency>
    <severity>{SEVERITIES[alert["colour"]]}</severity>
    <certainty>Unknown</certainty>
    <effective>{sent.isoformat()}</effective>
    <expires>{(sent + timedelta(hours=alert["valid_h"])).isoformat()}</expires>
    <senderName>{sender}</senderName>
    <headline>{escape(headline)}</headline>
    <description>{escape(alert["text"])}</description>
    <area>
      <areaDesc>{place["name"]}</areaDesc>
      <geocode><valueName>CPEAS Geographic Code</valueName><value>{place["code"]}</value></geocode>
    </area>
  </info>
</alert>
""".encode()


def _identifier(sent: datetime) -> str:
    return f"{county()['code'][:6]}{PUBLISHER}_{sent:%Y%m%d%H%M%S}"
