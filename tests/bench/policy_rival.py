"""Other rule engines on the same households: run by the bench in an environment of their own.

    python tests/bench/policy_rival.py zen|openfisca FOLDER

FOLDER holds H.npz with one array a fact; written there is the category of each household (0 none, 1 unstable,
2 marginal, 3 hardship). Prints the median of CPU seconds, the households it was measured over, and for one alone.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

RUNS = 3
LINE, LARGE, NEAR, DROP = 8_500.0, 4_250.0, 12_750.0, 0.5
SECURED = ("food", "clothing", "schooling", "medical", "home", "water")
FEW = 20_000  # one at a time, a million would take minutes


def cpu(deed):
    """The median of CPU seconds, and what the last run gave."""
    taken = []
    for _run in range(RUNS):
        begun = time.process_time()
        found = deed()
        taken.append(time.process_time() - begun)
    return statistics.median(taken), found


def zen(given):
    """GoRules' zen-engine: one decision table, the first row that fits, household by household."""
    from zen import ZenEngine

    spent = f"rigid >= {LARGE} and income - rigid < {LINE}"
    fallen = f"dropped >= {DROP} and income < {NEAR}"
    lost = " or ".join(f"not {axis}" for axis in SECURED)
    columns = [("i1", "income"), ("i2", "ex_poor"), ("i3", f"({spent}) or ({fallen}) or {lost}")]
    rows = [(f"< {LINE}", "true", "", 1), (f"< {LINE}", "false", "", 2), ("", "", "true", 3), ("", "", "", 0)]
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": key, "name": key, "field": field} for key, field in columns],
        "outputs": [{"id": "o", "name": "o", "field": "category"}],
        "rules": [
            {"_id": f"r{at}", "i1": one, "i2": two, "i3": three, "o": str(code)}
            for at, (one, two, three, code) in enumerate(rows)
        ],
    }
    graph = {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode"},
            {"id": "t", "name": "t", "type": "decisionTableNode", "content": table},
            {"id": "out", "name": "out", "type": "outputNode"},
        ],
        "edges": [
            {"id": "e1", "sourceId": "in", "targetId": "t"}, {"id": "e2", "sourceId": "t", "targetId": "out"},
        ],
    }  # fmt: skip
    # The static loader parses once; a decision made by hand is many times slower.
    engine = ZenEngine({"loader": {"type": "static", "content": {"rules": graph}}})
    columns_ = [given[key][:FEW].tolist() for key in given]
    people = [dict(zip(given, values, strict=True)) for values in zip(*columns_, strict=True)]
    seconds, found = cpu(lambda: [engine.evaluate("rules", each)["result"]["category"] for each in people])
    one, _told = cpu(lambda: engine.evaluate("rules", people[0], {"trace": True}))
    return seconds, np.array(found), one


def openfisca(given):
    """OpenFisca: one formula over float32 arrays."""
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    person = build_entity(key="person", plural="persons", label="", is_person=True)
    system = TaxBenefitSystem([person])

    def variable(name, kind, formula=None):
        body = {"value_type": kind, "entity": person, "definition_period": DateUnit.MONTH, "label": name}
        system.add_variable(type(name, (Variable,), body | ({"formula": formula} if formula else {})))

    for key in given:
        variable(key, float if key in {"income", "rigid", "dropped"} else bool)

    def category(people, period):
        income, rigid, dropped = (people(key, period) for key in ("income", "rigid", "dropped"))
        low, lost = income < LINE, ~np.logical_and.reduce([people(axis, period) for axis in SECURED])
        hard = lost | (rigid >= LARGE) & (income - rigid < LINE) | (dropped >= DROP) & (income < NEAR)
        return np.where(low, np.where(people("ex_poor", period), 1, 2), np.where(hard, 3, 0))

    variable("category", int, category)
    count = len(given["income"])

    def whole(rows):
        simulation = SimulationBuilder().build_default_simulation(system, count=len(rows["income"]))
        for key, values in rows.items():
            simulation.set_input(key, "2026-06", values)
        return simulation.calculate("category", "2026-06")

    seconds, found = cpu(lambda: whole(given))
    one, _told = cpu(lambda: whole({key: values[:1] for key, values in given.items()}))
    assert len(found) == count
    return seconds, found, one


def main(which: str, folder: Path) -> None:
    """Load, decide some times, print."""
    loaded = np.load(folder / "H.npz")
    given = {key: loaded[key] for key in loaded.files}
    seconds, found, one = {"zen": zen, "openfisca": openfisca}[which](given)
    np.save(folder / f"{which}.npy", found)
    print(json.dumps({"cpu_s": seconds, "households": len(found), "one_s": one}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
