"""Writes the generated pages of `docs/`; with `--check`, says which are out of date and exits 1.

traceability.md  the plan's clauses and the tests that show each to work
states.md        every state machine as a diagram
roles.md         who may do what
commands.md      every command of `anlan`
curves.md        every curve of the vulnerability library: what it is about, its source, licence and trust
personal-data.md every personal field: how it is kept, who sees it, what a scrubbed copy has instead
"""

import ast
import os
import subprocess
import sys
import tomllib
from collections import defaultdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]
MADE = "<!-- made by `make docs`; do not edit -->\n\n"


def clauses_of(node: ast.AST) -> set[str]:
    """The clause ids in a function's, a class's or a module's marks."""
    marks = getattr(node, "decorator_list", [])
    if isinstance(node, ast.Assign):
        marks = list(ast.walk(node.value))
    return {
        argument.value
        for mark in marks
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "clause"
        for argument in mark.args
        if isinstance(argument, ast.Constant)
    }


def tests_by_clause() -> dict[str, list[str]]:
    """Every test that carries a mark, by clause."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        whole = {c for node in tree.body if isinstance(node, ast.Assign) for c in clauses_of(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for clause in whole | clauses_of(node):
                    found[clause].append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def traceability() -> str:
    """The clauses with their tests; a clause without one is shown as missing."""
    clauses = tomllib.loads((ROOT / "docs" / "clauses.toml").read_text())["clauses"]
    tests = tests_by_clause()
    if unknown := set(tests) - set(clauses):
        sys.exit(f"tests name clauses that do not exist: {sorted(unknown)}")
    shown = sum(1 for clause in clauses if tests.get(clause))
    lines = [
        "# The plan, clause by clause\n",
        f"{shown} of {len(clauses)} clauses have at least one test. Tests name their clauses with",
        '`@pytest.mark.clause("…")`; a clause without a test is **missing**. "Shown" means that a thread through it',
        "works, not that every depth of it does.\n",
        "| clause | 预案 | what must work | tests |",
        "|---|---|---|---|",
    ]
    for clause, words in clauses.items():
        named = sorted(set(tests.get(clause, [])))
        first = "<br>".join(f"`{name.removeprefix('tests/')}`" for name in named[:3])
        more = f"<br>and {len(named) - 3} more" if len(named) > 3 else ""
        lines.append(f"| {clause} | {words['zh']} | {words['en']} | {first + more or '**missing**'} |")
    return "\n".join(lines) + "\n"


def states() -> str:
    """A diagram for every room's state machine."""
    from anlan.county.mission import ROOMS

    lines = ["# States\n", "Each state names who must act in it, and the policy parameter that limits how long.\n"]
    for room in ROOMS:
        if find_spec(f"anlan.county.{room.name}.rules") is None:
            continue
        machine = getattr(import_module(f"anlan.county.{room.name}.rules"), "MACHINE", None)
        if machine is not None:
            lines += [f"## {room.name} {room.title}\n", "```mermaid", machine.mermaid(), "```\n"]
    return "\n".join(lines)


def roles() -> str:
    """Every role with what it is for and what it may do."""
    from anlan.county.office.roles import ROLES

    lines = ["# Roles\n", "| role | 岗位 | 职责 | permissions |", "|---|---|---|---|"]
    for key, role in ROLES.items():
        permissions = ", ".join(f"`{permission}`" for permission in sorted(role.permissions))
        lines.append(f"| {key} | {role.title} | {role.description} | {permissions} |")
    return "\n".join(lines) + "\n"


def commands() -> str:
    """What `anlan --help` prints."""
    told = subprocess.run([sys.executable, "-m", "anlan", "--help"], capture_output=True, text=True, check=True).stdout
    return f"# Commands\n\n```\n{told}```\n"


def personal_data() -> str:
    """The map of personal data, from the models."""
    from django.apps import apps

    from anlan.county.mission import NAMES
    from anlan.county.personal import KINDS, personal

    lines = [
        "# Personal data\n",
        "Every field that holds something of a person, as the models declare it (`PERSONAL`); a test looks for others.",
        "加密: sealed at rest by a key outside the database (AES-256-GCM or SM4-GCM). 索引: looked up by a keyed hash.",
        "`anlan scrub` writes a copy with every value replaced as the last column says.\n",
        "| model | field | 类别 | 加密 | 索引 | 谁能看到 | 脱敏副本 |",
        "|---|---|---|---|---|---|---|",
    ]
    for model in (model for name in NAMES for model in apps.get_app_config(name).get_models()):
        for name, key in personal(model).items():
            kind, index = KINDS[key], getattr(model._meta.get_field(name), "index", "")
            cells = (
                model._meta.label,
                name,
                kind.title,
                "是" if kind.sealed else "",
                "是" if index else "",
                kind.shown,
                kind.copy,
            )
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, *FILES]) + "\n"


FILES = """
## Files

| where | what | how it is kept | how long |
|---|---|---|---|
| `var/imports/…/N/source`, `preview.jsonl` | a file sent in, and what it would change | sealed in pieces by a \
key of its own made from the installation's | until it is merged or thrown away, at most `import_retention_days` (30, \
a design value) |
| `refused.xlsx`, `refusals.jsonl` beside it | the rows to put right | the same | `import_retention_days` after \
merging or taking back, then deleted by `anlan work`, with a line in the ledger |
| in no folder | a file while it is uploaded or read | without a name: gone with the process, also when it is killed | \
seconds |
| `var/lists/…/SOURCE….xlsx` | a department's list put there for the worker (`ANLAN_LISTS`) | plain, as it was put \
there | until `anlan work` has compared it: seconds; what it refuses stays until somebody takes it away |
| `var/photos/….photo` | pictures of reports, visits and signed sheets | sealed; the time and place that the camera \
wrote are shown beside them, and are in no copy that others see | `photo_keep_days`, the county's to set (0: kept) |
| `var/spool/…/<kind>/<day>.jsonl` | what the file channel was given to send | readable to this user alone; telephones \
and mailboxes with their middle hidden; a list of doors names heads of households, as the database does in clear | \
until somebody deletes it |
| where `--out` says (`anlan dispatch open`) | the same with whole addresses, for a reason in the ledger | readable to \
this user alone | until whoever asked deletes it |
| `var/snapshots/…/DAY/county=…` | the register for analysis | plain Parquet, readable to this user alone; keyed ids, \
year of birth, village; no name, number, address, point or health | `ANLAN_SNAPSHOT_DAYS` (7) |

`anlan registry rotate_key` seals waiting files anew as well. A snapshot is pseudonymous, not anonymous: with a village,
a year of birth and a family's shape somebody who knows the village may guess a household. Treat it as personal data.
""".splitlines()


def curves() -> str:
    """Every entry of the vulnerability library; those for one hazard each are gathered by hazard."""
    from anlan.engine.hazard.taxonomy import HAZARDS
    from anlan.engine.impact import library

    entries = library.entries().values()
    lines = [
        "# Curves\n",
        "The entries of the [vulnerability library](vulnerability.md). 未核实: not read in a source that binds here.\n",
        "| entry | over | of | tells | region | since | trust | licence | source |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for entry in (entry for entry in entries if not entry.hazard):
        unit = library.KINDS[entry.kind]["unit"]
        over = entry.kind + (f" ({unit})" if unit else "")
        over += "".join(f", {each.kind} from {each.low:g} to {each.high:g}" for each in entry.given)
        tells = entry.effect + ("" if entry.curve.std is None else ", with deviation")
        trust = entry.trust if entry.verified else f"{entry.trust} 未核实"
        cells = (
            f"`{entry.id}`", over, entry.asset, tells, entry.region, entry.since, trust, entry.licence,
            "。".join(filter(None, (entry.source, entry.note))),
        )  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += [
        "\n## For every hazard\n",
        "Over `severity` (0–5), and over what gauges measure where `engine/hazard/severity.toml` has a scale for it.",
        "All are design values, 未核实, until the county refits them to its own records.\n",
        "| hazard | 灾种 | over | of | source |",
        "|---|---|---|---|---|",
    ]
    for hazard in HAZARDS.values():
        own = [entry for entry in entries if entry.hazard == hazard.key]
        kinds, assets = (", ".join(dict.fromkeys(each)) for each in ((e.kind for e in own), (e.asset for e in own)))
        lines.append(f"| {hazard.key} | {hazard.name} | {kinds} | {assets} | {own[0].source} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write, or check."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.county.config.settings")
    django.setup()
    from django.utils import translation

    stale = []
    with translation.override("zh-hans"):
        for make in (traceability, states, roles, commands, curves, personal_data):
            path = ROOT / "docs" / f"{make.__name__.replace('_', '-')}.md"
            text = MADE + make()
            if not path.exists() or path.read_text() != text:
                stale.append(path.name)
                if "--check" not in sys.argv:
                    path.write_text(text)
    if stale and "--check" in sys.argv:
        sys.exit(f"out of date: {', '.join(stale)}; run `make docs`")
    print(f"written: {', '.join(stale)}" if stale else "docs are up to date")


if __name__ == "__main__":
    main()
