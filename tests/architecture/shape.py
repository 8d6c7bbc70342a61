"""Measures the shape of the source: sizes of files and functions, arguments, duplication, docstrings."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "anlan"
WINDOW = 8


@dataclass(frozen=True)
class Function:
    """A function and what is measured of it."""

    path: Path
    name: str
    lines: int
    arguments: int
    keyword_only: int
    documented: bool
    annotated: bool
    public: bool


def sources(folder: Path = SRC) -> list[Path]:
    """Our own source files: no migrations."""
    return [path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts]


def code_lines(path: Path) -> list[str]:
    """Lines that are neither blank nor comment."""
    return [line.strip() for line in path.read_text().splitlines() if line.strip() and line.strip()[0] != "#"]


def functions(paths: list[Path]) -> Iterator[Function]:
    """Every function and method."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                own = [argument for argument in given if argument.arg not in {"self", "cls"}]
                yield Function(
                    path=path, name=node.name, lines=(node.end_lineno or 0) - node.lineno + 1, arguments=len(own),
                    keyword_only=len(node.args.kwonlyargs), documented=ast.get_docstring(node) is not None,
                    annotated=node.returns is not None and all(argument.annotation for argument in own),
                    public=not node.name.startswith("_"),
                )  # fmt: skip


def percentile(values: list[int], share: float) -> int:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def duplicated(paths: list[Path]) -> float:
    """The share of code lines that stand in a window of eight lines found elsewhere, too."""
    windows: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    texts = [
        [line for line in code_lines(path) if not line.startswith(("import ", "from ")) and line not in ")]}"]
        for path in paths
    ]
    for number, lines in enumerate(texts):
        for start in range(len(lines) - WINDOW + 1):
            windows.setdefault(tuple(lines[start : start + WINDOW]), []).append((number, start))
    repeated = {
        (number, start + offset)
        for places in windows.values()
        if len(places) > 1
        for number, start in places
        for offset in range(WINDOW)
    }
    return len(repeated) / max(1, sum(len(lines) for lines in texts))
