"""Make the Word templates of the official papers anew: `python tools/papers.py`.

What comes out is committed, for offices to open in Word or WPS and to change; the names in braces are listed in
docs/papers.md. Papers that hang in public know no names but the four of the notice, so no template can show more.
"""

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

FOLDER = Path(__file__).resolve().parents[1] / "src/anlan/county/decide/papers/forms"
BODY, HEADING, LATIN = "仿宋", "黑体", "Times New Roman"
LINE = "＿＿＿＿＿＿＿＿"
SIGNED = "{label}（签名或按手印）：" + LINE + "　　　　年　　月　　日"

# A block is a sentence, a grid (a row of two cells is a label and a wide value) or a list with one row per item.
Block = str | list[list[str]] | tuple[str, list[str], list[str]]

HOUSEHOLD: list[list[str]] = [
    ["户主姓名", "{{ head }}", "农户编号", "{{ code }}"],
    ["所在乡镇、村", "{{ township }}{{ village }}", "村民小组", "{{ group }}组"],
    ["家庭人口", "{{ size }}人", "劳动力", "{{ labourers }}人"],
    ["证件号码", LINE + "（由本人填写）", "联系电话", LINE + "（由本人填写）"],
]
FOUND: list[list[str]] = [
    ["灾害事件", "{{ event }}"],
    ["发现时间", "{{ found_on }}", "入户时间", "{{ visited_on }}"],
    ["入户人员", "{{ visitor }}", "住房鉴定等级", "{{ home_grade }}"],
    ["各项损失", "{{ losses }}"],
    ["预计今后12个月人均纯收入", "{{ income }}", "人均刚性支出", "{{ rigid }}"],
]
AXES: tuple[str, list[str], list[str]] = (
    "each in axes",
    ["指标", "核查情况"],
    ["{{ each.title }}", "{{ each.holds }}"],
)
PUBLIC: tuple[str, list[str], list[str]] = (
    "each in households", ["户主", "村组", "家庭人口", "类别"],
    ["{{ each.name }}", "{{ each.place }}", "{{ each.size }}", "{{ each.category }}"],
)  # fmt: skip
COMPLAIN = "如有异议，请在公示期内向村民委员会或乡镇人民政府反映，也可拨打防止返贫监测和乡村振兴咨询服务电话12317。"
GATHERED: list[Block] = [
    [["评议时间", "{{ reviewed_on }}", "评议地点", LINE], ["主持人", LINE, "记录人", LINE],
     ["应到代表", LINE + "人", "实到代表", LINE + "人"]],
    "参加人员：村民代表" + LINE + "　第一书记" + LINE + "　驻村工作队" + LINE + "　村“两委”" + LINE,
]  # fmt: skip

FORMS: dict[str, tuple[str, list[Block]]] = {
    "application": ("防止返贫监测对象申请及承诺授权查询书", [
        HOUSEHOLD,
        "一、申请。本户因“{{ event }}”，基本生活出现困难，现申请纳入防止返贫监测对象。申请理由：" + LINE * 3,
        "二、承诺。本户所填情况属实，愿意接受核查；如有隐瞒，愿承担相应责任。",
        "三、授权。本户授权有关部门为核查认定的需要，查询、核对本户家庭成员的户籍、收入、财产、社会保险和社会救助等信息。",
        "授权自签字之日起至{{ consent_until }}止，可随时书面撤回。",
        [["签署人", "{{ signer }}", "与户主关系", "{{ signer_relation }}"],
         ["签署日期", "{{ signed_on }}", "代签说明", "{{ by_proxy }}"]],
        SIGNED.format(label="申请人或代签人"),
        SIGNED.format(label="经办人"),
    ]),
    "check": ("防止返贫动态监测排查（核查）表", [
        HOUSEHOLD, FOUND, AXES,
        "部门信息比对：{{ matched_on }}　{{ match_notes }}",
        "核查意见：" + LINE * 3,
        SIGNED.format(label="户主"),
        SIGNED.format(label="核查人员"),
    ]),
    "review": ("防止返贫监测对象民主评议记录", [
        *GATHERED,
        [["评议对象", "{{ head }}户（{{ village }}{{ group }}组，{{ size }}人）"], ["系统建议", "{{ proposed }}"],
         ["建议理由", "{{ grounds }}"]],
        "发言记录：" + LINE * 3,
        "表决：同意" + LINE + "人，不同意" + LINE + "人，弃权" + LINE + "人。",
        "评议结果：{{ reviewed }}　{{ review_note }}",
        SIGNED.format(label="参加评议人员"),
    ]),
    "approval": ("防止返贫监测对象审核审批表", [
        HOUSEHOLD, FOUND,
        [["系统建议", "{{ proposed }}"], ["建议理由", "{{ grounds }}"], ["拟定类别", "{{ category }}"],
         ["村级评议", "{{ reviewed_on }}"],
         ["村内公示", "{{ public_since }}至{{ public_until }}　异议：{{ objections }}"],
         ["乡镇审核意见", "{{ town_said }}　{{ town_note }}　审核人：{{ town_by }}　{{ town_on }}　（盖章）"],
         ["县级审批意见", "{{ county_said }}　{{ county_note }}　审批人：{{ county_by }}　{{ county_on }}　（盖章）"]],
    ]),
    "refusal": ("不予纳入防止返贫监测对象告知书", [
        "{{ head }}户：",
        "你户因“{{ event }}”于{{ found_on }}登记的受灾线索，经核实、比对、评议和审核，决定不予纳入防止返贫监测对象。",
        "理由：{{ refusal_reasons }}",
        "如有不同意见，可以重新申报，也可以向村民委员会或乡镇人民政府反映，或者拨打咨询服务电话12317。",
        "以后情况有变化的，可以随时再次申报。",
        "（盖章）　{{ closed_on }}",
        SIGNED.format(label="收到告知书的农户"),
    ]),
    "publicity": ("{{ village }}拟纳入防止返贫监测对象公示", [
        "经村级民主评议，下列农户因“{{ event }}”拟纳入防止返贫监测对象。公示自{{ since }}起，至{{ until }}止。",
        PUBLIC, COMPLAIN, "{{ village }}村民委员会（盖章）　{{ since }}",
    ]),
    "notice": ("{{ village }}纳入防止返贫监测对象公告", [
        "经民主评议、公示、乡镇审核和县级审批，下列农户因“{{ event }}”纳入防止返贫监测对象。",
        PUBLIC, "（盖章）　{{ since }}",
    ]),
    "clear_check": ("防止返贫监测对象风险消除核查表", [
        HOUSEHOLD,
        [["监测对象类别", "{{ category }}", "纳入时间", "{{ entered_on }}"], ["纳入时的风险", "{{ risks }}"],
         ["帮扶措施", "{{ measures }}"], ["是否符合消除条件", "{{ proposed }}"], ["依据", "{{ grounds }}"]],
        ("each in looks", ["跟踪日期", "人均纯收入", "有问题的指标"],
         ["{{ each.on }}", "{{ each.income }}", "{{ each.broken }}"]),
        "核查意见：" + LINE * 3,
        SIGNED.format(label="户主"),
        SIGNED.format(label="核查人员"),
    ]),
    "clear_review": ("防止返贫监测对象风险消除民主评议记录", [
        *GATHERED,
        [["评议对象", "{{ head }}户（{{ village }}{{ group }}组，{{ size }}人）"],
         ["监测对象类别", "{{ category }}", "纳入时间", "{{ entered_on }}"], ["依据", "{{ grounds }}"]],
        "发言记录：" + LINE * 3,
        "表决：同意" + LINE + "人，不同意" + LINE + "人，弃权" + LINE + "人。",
        "评议结果：{{ reviewed }}　{{ review_note }}",
        SIGNED.format(label="参加评议人员"),
    ]),
    "clear_publicity": ("{{ village }}拟消除风险的监测对象公示", [
        "经入户核查和村级民主评议，下列监测对象的返贫致贫风险拟标注为消除。公示自{{ since }}起，至{{ until }}止。",
        PUBLIC, COMPLAIN, "{{ village }}村民委员会（盖章）　{{ since }}",
    ]),
    "clear_approval": ("防止返贫监测对象风险消除审批表", [
        HOUSEHOLD,
        [["监测对象类别", "{{ category }}", "纳入时间", "{{ entered_on }}"], ["纳入时的风险", "{{ risks }}"],
         ["帮扶措施", "{{ measures }}"], ["依据", "{{ grounds }}"], ["消除方式", "{{ how }}"],
         ["村级评议和公示", "评议：{{ reviewed_on }}　公示：{{ public_since }}至{{ public_until }}"],
         ["乡镇审核意见", "{{ town_said }}　{{ town_note }}　审核人：{{ town_by }}　{{ town_on }}　（盖章）"],
         ["县级审批意见", "{{ county_said }}　{{ county_note }}　审批人：{{ county_by }}　{{ county_on }}　（盖章）"]],
    ]),
}  # fmt: skip


def main() -> None:
    """Write every form."""
    for key, (title, blocks) in FORMS.items():
        form(title, blocks).save(str(FOLDER / f"{key}.docx"))


def form(title: str, blocks: list[Block]) -> Any:
    """One form: A4 with the margins of official documents, the heading, the blocks."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    fonts(document)
    document.core_properties.author, document.core_properties.title = "", ""
    heading = document.add_heading(title, level=0)
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
        elif isinstance(block, list):
            grid(document, block)
        else:
            listing(document, *block)
    return document


def fonts(document: Any) -> None:
    """Word takes Chinese characters from `eastAsia`, and knows nothing of it unless told for every style."""
    for name, font, points in (("Normal", BODY, 14), ("Title", HEADING, 20)):
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = LATIN, Pt(points), RGBColor(0, 0, 0)
        kept = style.element.get_or_add_rPr().get_or_add_rFonts()
        kept.set(qn("w:eastAsia"), font)
        for theme in ("asciiTheme", "eastAsiaTheme", "hAnsiTheme", "cstheme"):
            kept.attrib.pop(qn(f"w:{theme}"), None)


def grid(document: Any, rows: list[list[str]]) -> None:
    """Labels and values, four cells a row; a row of two has one wide value."""
    table = document.add_table(rows=0, cols=4, style="Table Grid")
    for row in rows:
        cells = table.add_row().cells
        if len(row) == 2:
            cells[1].merge(cells[3])
        for cell, text in zip((cells[0], cells[1], *cells[2 : len(row)]), row, strict=True):
            write(cell, text)
    document.add_paragraph()


def listing(document: Any, loop: str, header: list[str], row: list[str]) -> None:
    """One row for each item of a list."""
    table = document.add_table(rows=0, cols=len(header), style="Table Grid")
    for cell, text in zip(table.add_row().cells, header, strict=True):
        write(cell, text)
    write(table.add_row().cells[0], f"{{%tr for {loop} %}}")
    for cell, text in zip(table.add_row().cells, row, strict=True):
        write(cell, text)
    write(table.add_row().cells[0], "{%tr endfor %}")
    document.add_paragraph()


def write(cell: Any, text: str) -> None:
    """A cell's text, a size smaller than the sentences'."""
    cell.paragraphs[0].add_run(text).font.size = Pt(12)


if __name__ == "__main__":
    main()
