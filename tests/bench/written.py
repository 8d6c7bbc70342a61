"""A list as another office writes it: the same people, other habits. The rules were not made on these."""

import numpy as np
import polars as pl

NAMES = ("{0} {1}", "{0}{1}（户主）", "{0}{1}(已故)", "户主:{0}{1}", "{0}{1}\u3000", "{0}{1}女士", " {0}  {1}")
SHARES = {"name": 0.15, "id_number": 0.12, "phone": 0.2, "address": 0.3}
WIDE = str.maketrans("0123456789X", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff38")


def otherwise(listed: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The list with some of its cells written in other forms."""
    rng = np.random.default_rng(seed)
    forms = {"name": _name, "id_number": _number, "phone": _phone, "address": _address}
    columns = {}
    for column, form in forms.items():
        if column in listed.columns:
            cells = listed[column].to_list()
            for place in np.flatnonzero(rng.random(len(cells)) < SHARES[column]):
                cells[place] = form(cells[place], int(rng.integers(0, 1000)))
            columns[column] = pl.Series(cells, dtype=pl.String)
    return listed.with_columns(**columns)


def _name(name: str, die: int) -> str:
    return NAMES[die % len(NAMES)].format(name[:1], name[1:])


def _number(number: str, die: int) -> str:
    if len(number) != 18 or not number[:17].isdigit():
        return number
    return (
        f"{int(number[:17]) * 10:.5E}", f"{number[:15]}000.0", f"'{number}", number.translate(WIDE),
        f"{number[:6]} {number[6:14]} {number[14:]}", f"{number[:14]}****",
    )[die % 6]  # fmt: skip


def _phone(phone: str, die: int) -> str:
    if len(phone) != 11:
        return phone
    forms = (
        f"{phone}.0",
        f"{phone[:3]} {phone[3:7]} {phone[7:]}",
        f"0086{phone}",
        f"{phone}/1390000{die:04d}",
        phone[:10],
    )
    return forms[die % len(forms)]


def _address(address: str, die: int) -> str:
    if not address:
        return address
    forms = (f"{address}{die % 199 + 1}号", address.replace("江西省", "").replace("示例市", ""),
             address.replace("组", "小组"), f"{address}（老屋）")  # fmt: skip
    return forms[die % len(forms)]
