"""The `anlan` program: `anlan <room> <verb>` runs the management command `<room>_<verb>`.

Exit code 0: done. 2: refused, with a sentence on stderr, nothing changed. 1: a defect.
"""

import gc
import os
import sys
import traceback
from collections import defaultdict
from io import TextIOWrapper

PLAIN = {"serve", "setup", "work", "demo", "scrub"}  # commands that stand above the rooms
DJANGOS = {"migrate"}  # ours only under Django's name, for whoever calls it by that


def main(argv: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.county.config.settings")
    # A registry is a million small objects that live long; the default collector walks them thousands of times.
    gc.set_threshold(100_000, 50, 1000)
    for stream in (sys.stdout, sys.stderr):  # a terminal that has no word for a sign shows its number
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(args))


def run(args: list[str]) -> int:
    """Find the command that the words name, run it, and turn its errors into exit codes."""
    try:
        code = _run(args)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has seen enough; the interpreter's own flush must not complain either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return code


def _run(args: list[str]) -> int:
    from anlan.county.errors import Refused

    if wrong := _started():
        sys.stderr.write(f"{wrong}\n")
        return 2
    try:
        known = commands()
        if not args or args[0] in {"-h", "--help", "help"}:
            sys.stdout.write(_help(known))
            return 0
        name, rest = _name(args, set(known))
        return _execute(name, rest)
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2


def commands() -> dict[str, str]:
    """The program's commands, and the app each is in."""
    from django.core.management import get_commands

    return {
        name: app
        for name, app in get_commands().items()
        if isinstance(app, str) and app.startswith("anlan.") and name not in DJANGOS
    }


def _started() -> str:
    """Start Django; what is wrong with an ANLAN_ variable, or nothing."""
    import django

    try:
        django.setup()
    except ValueError as error:
        return str(error)
    return ""


def _name(args: list[str], commands: set[str]) -> tuple[str, list[str]]:
    from anlan.county.errors import BadInput

    if args[0] in commands:
        return args[0], args[1:]
    joined = "_".join(args[:2])
    if joined in commands:
        return joined, args[2:]
    known = sorted(name.split("_", 1)[1] for name in commands if name.startswith(f"{args[0]}_"))
    hint = f"{args[0]}: {', '.join(known)}" if known else "anlan --help"
    raise BadInput(f"没有这个命令 / no such command: anlan {' '.join(args[:2])} ({hint})")


def _execute(name: str, rest: list[str]) -> int:
    from django.core.management import CommandError, ManagementUtility

    from anlan.county.config.clocks import the_countys_time
    from anlan.county.errors import Refused

    try:
        command = ManagementUtility(["anlan", name]).fetch_command(name)
        with the_countys_time():
            command.run_from_argv(["anlan", name, "--traceback", *rest])
    except (Refused, BrokenPipeError):
        raise
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def _help(known: dict[str, str]) -> str:
    from django.core.management import load_command_class

    rooms: dict[str, list[str]] = defaultdict(list)
    for name in sorted(known):
        purpose = load_command_class(known[name], name).help
        words = name if name in PLAIN else name.replace("_", " ", 1)
        rooms["" if name in PLAIN else name.split("_")[0]].append(f"  anlan {words:28s} {purpose}")
    lines = ["anlan 安澜\n"]
    for room in sorted(rooms):
        lines += [*rooms[room], ""]
    return "\n".join([*lines, "--json prints one JSON document; exit 0 done, 2 refused, 1 a defect.", ""])
