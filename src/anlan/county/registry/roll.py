"""From a file's rows to households: people identified, rows joined, doubles and missing heads refused."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from anlan.county.registry import identity
from anlan.county.registry.assembly import EVERYWHERE, Claims, Group, claims_of, wanting
from anlan.county.registry.headings import missing
from anlan.county.registry.places import Places
from anlan.county.registry.workbook import Refusal, Row, Sheet


def identify(row: Row, refusals: list[Refusal]) -> None:
    """Read sex and birthday out of the identity number, and refuse what contradicts it."""
    said = row.said
    number = identity.bearer(identity.normal(said.get("id_number") or ""))
    if number:
        said["id_number"] = number
        try:
            sex, born = identity.read(number)
        except identity.NotAnIdentity as bad:
            refusals.append(row.refuse("id_number", _why(str(bad))))
            del said["id_number"]  # the row cannot be used
            return
        for name, true in (("sex", sex), ("born", born)):
            if said.get(name) and said[name] != true:
                refusals.append(row.refuse(name, _("与身份证号不一致")))
            if name in said or name not in row.sheet.places:
                said[name] = true
    if "household" in said and not said["household"] and "household" in row.sheet.places:
        refusals.append(row.refuse("household", _("没有填写")))


def _why(word: str) -> str:
    return {
        "shape": _("应为 18 位身份证号"),
        "check": _("身份证号校验码不对（GB 11643）"),
        "birthday": _("身份证号中的出生日期不存在"),
    }[word]


def apart(sheets: Sequence[Sheet]) -> set[int]:
    """Sheets whose short household numbers are their own: one sheet per village, each counting from 1."""
    whole = [each for each in sheets if each.of_people and not missing(each.places)]
    return {each.index for each in whole} if len(whole) > 1 else set()


def key_of(row: Row, own: Collection[int]) -> str:
    """What rows of one household have in common. It sorts alike however the rows are ordered."""
    number = row.said.get("household")
    if number:
        if len(number) >= EVERYWHERE:
            return str(number)
        place = f"{row.sheet.source}.{row.sheet.index if row.sheet.index in own else ''}"
        village = row.said.get("division") or row.said.get("village") or ""
        return f"{number}\t{place}\t{village if row.sheet.index in own else ''}"
    known = row.said.get("id_number") or ""
    return f"\t{known}\t{row.sheet.index}.{row.number:09d}"


def group_of(rows: Sequence[Row], refusals: list[Refusal]) -> Group | None:
    """The rows with their head; refused where there is more than one, or a household's own row stands there twice."""
    members = [row for row in rows if row.sheet.of_people]
    whole = [row for row in rows if not row.sheet.of_people]
    seen: set[int] = set()
    doubled = [row for row in whole if row.sheet.index in seen or seen.add(row.sheet.index)]  # type: ignore[func-returns-value]
    refusals.extend(row.refuse("household", _("户编号重复")) for row in doubled)
    if doubled:
        return None
    if not members:
        named = next((row for row in whole if row.said.get("head_name") or row.said.get("name")), whole[0])
        return Group(named, [named] if _names(named) else [], whole)
    heads = [row for row in members if _is_head(row)]
    column = "relation" if "relation" in members[0].sheet.places else "head_name"
    refusals.extend(row.refuse(column, _("这一户有不止一个户主")) for row in heads[1:])
    if len(heads) > 1:
        return None
    return Group(heads[0] if heads else members[0], members, rows, headed=bool(heads))


def _names(row: Row) -> bool:
    return bool(row.sheet.places.keys() & {"name", "head_name", "id_number"})


def _is_head(row: Row) -> bool:
    if "relation" in row.sheet.places:
        return bool(row.said.get("relation") == "head")
    return bool(row.said.get("name") == row.said.get("head_name"))


def doubles(rows: Iterable[Row]) -> Iterator[Refusal]:
    """People who stand in several of these rows: nobody can know which is right."""
    seen: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if number := row.said.get("id_number"):
            seen[number].append(row)
    for several in seen.values():
        for row in several if len(several) > 1 else ():
            other = several[0] if row is not several[0] else several[1]
            where = {"sheet": other.sheet.name, "row": other.number}
            yield row.refuse("id_number", _("与“%(sheet)s”第 %(row)d 行重复") % where)


def build(
    rows: Sequence[Row], sheets: Sequence[Sheet], places: Places, sources: Collection[str]
) -> tuple[list[Claims], list[Refusal]]:
    """All rows of a file as new households, and all that is wrong with them: for a register that is still empty."""
    refusals: list[Refusal] = []
    together: dict[str, list[Row]] = defaultdict(list)
    spoiled: set[str] = set()
    own = apart(sheets)
    for row in rows:
        before = len(refusals)
        identify(row, refusals)
        key = key_of(row, own)
        together[key].append(row)
        if row.unreadable or len(refusals) > before:
            spoiled.add(key)
    refusals.extend(doubles(rows))
    households = []
    for key, several in together.items():
        group = None if key in spoiled else group_of(several, refusals)
        if group is None:
            continue
        claims, wrong = claims_of(group, places, sources)
        wrong = wrong or wanting(claims)
        refusals.extend(wrong)
        if not wrong:
            households.append(claims)
    return households, refusals
