"""A PostgreSQL server of the bench's own: in a folder, on a port of its own, gone when the bench is over."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Server:
    """Where it is, and the process that all its others come from."""

    url: str
    postmaster: int

    def cpu_s(self) -> float:
        """User and system seconds of the server: of its processes that live, and of those that have ended."""
        return cpu_of(self.postmaster)


def cpu_of(postmaster: int) -> float:
    """The same by the number of the process."""
    ticks, found = os.sysconf("SC_CLK_TCK"), 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(path.parent.name) == postmaster:
                found += sum(int(each) for each in fields[11:15])
            elif int(fields[1]) == postmaster:
                found += int(fields[11]) + int(fields[12])
    return found / ticks


@contextmanager
def postgresql() -> Iterator[Server | None]:
    """A server as Debian installs it (it waits for the disk); None where there is none on this machine."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not programs:
        yield None
        return
    folder, before = Path(tempfile.mkdtemp(prefix="anlan-bench-")), []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        before = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program: str, *words: str) -> None:
        with open(os.devnull, "wb") as nowhere:
            subprocess.run([*before, str(programs[-1] / program), *words], stdout=nowhere, cwd=folder, check=True)

    data = folder / "data"
    try:
        run("initdb", "-D", str(data), "-A", "trust", "-U", "anlan", "--encoding=UTF8", "--locale=C.UTF-8")
        run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "-o",
            f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c shared_buffers=512MB", "start")  # fmt: skip
        try:
            pid = int((data / "postmaster.pid").read_text().splitlines()[0])
            yield Server(f"postgresql://anlan@127.0.0.1:{port}/postgres", pid)
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
