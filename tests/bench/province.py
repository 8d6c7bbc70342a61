"""A province's register on PostgreSQL in three layouts: one database, that database partitioned, one for each county.

The tables are Anlan's own with their indexes and keys, filled with households that differ in what the questions ask.
`partitioned` is the one database with the six large tables split by a county column, which puts that column into every
key and so costs the foreign keys of the other rooms. ANLAN_TEST_POSTGRESQL names the server; three databases of
`ANLAN_BENCH_HOUSEHOLDS` (1,000,000) households in `ANLAN_BENCH_COUNTIES` (20) counties are made and dropped there.
Milliseconds are medians of the client's clock, the best of layouts being measured on the same quiet machine.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
HOUSEHOLDS = int(os.environ.get("ANLAN_BENCH_HOUSEHOLDS", "1000000"))
COUNTIES = int(os.environ.get("ANLAN_BENCH_COUNTIES", "20"))
VILLAGES = 100  # of a county
TABLES = ("registry_household", "registry_person", "registry_income", "registry_home", "registry_holding",
          "registry_category")  # fmt: skip
LAYOUTS = os.environ.get("ANLAN_BENCH_LAYOUTS", "one database,partitioned,database per county").split(",")
RUNS = 9
# What a sealed value is like: a key id, a nonce, two blocks, a tag; no two alike, so nothing compresses.
SEALED = "decode(" + " || ".join(f"md5(k::text || '{letter}')" for letter in "abcd") + ", 'hex')"
FILL = {
    "registry_household": """
        (id, code, group_no, head_name, size, address, phone, phone_index, phone_tail, location, registered, labourers,
         insured, names, disabled_mark, updated_at, number, division_id)
        SELECT k, v || lpad(((k - 1) % {per} + 1)::text, 5, '0'), 1 + k % 20, '示例' || k % 977, 3, k % 20 || '组',
          {sealed}, hashint8extended(k, 1), hashint8extended(k % 10000, 2), 'village', true, 1 + k % 3, false,
          '示例' || k % 977 || ' sl' || k % 977, hashint8extended(k, 3), '2026-06-01', '', v
        FROM (SELECT k, '36' || lpad(((k - 1) / {county})::text, 4, '0')
                || lpad(((k - 1) % {county} / {per})::text, 6, '0') v
              FROM generate_series({first}::bigint, {last}) k) each""",
    "registry_person": """
        (id, name, id_number, id_index, sex, born, relation, health, labour, student, medically_insured, household_id)
        SELECT (k - 1) * 3 + m, '示例' || k % 977, {sealed}, hashint8extended(k * 3 + m, 4), CASE m % 2 WHEN 0 THEN 'f'
          ELSE 'm' END, DATE '1950-01-01' + (k * 7 % 20000)::int, 'head', {sealed}, 'ordinary', false, true, k
        FROM generate_series({first}::bigint, {last}) k, generate_series(1, 3) m""",
    "registry_income": """
        (id, until, wage_yuan, business_yuan, business_cost_yuan, property_yuan, transfer_yuan, rigid_yuan,
         savings_yuan, household_id)
        SELECT k, '2026-05-31', 10000 + k % 9000, k % 5000, 0, 0, 300, 500, 1000, k
        FROM generate_series({first}::bigint, {last}) k""",
    "registry_home": """
        (id, structure, storeys, area_m2, value_yuan, grade, household_id)
        SELECT k, 'brick_timber', 2, 90, 60000, 'B', k FROM generate_series({first}::bigint, {last}) k""",
    "registry_holding": """
        (id, kind, quantity, value_yuan, household_id)
        SELECT k, 'rice', 4, 4800, k FROM generate_series({first}::bigint, {last}) k""",
    "registry_category": """
        (id, kind, since, source, code, household_id)
        SELECT k, CASE WHEN k % 50 = 0 THEN 'marginal' ELSE 'ex_poor' END, '2021-01-01', '',
          '36' || lpad(((k - 1) / {county})::text, 4, '0') || lpad(((k - 1) % {county} / {per})::text, 6, '0')
          || lpad(((k - 1) % {per} + 1)::text, 5, '0'), k
        FROM generate_series({first}::bigint, {last}) k WHERE k % 5 = 0""",
}
SUMMARY = """
    SELECT left(h.code, 6), count(*), sum(h.size), sum(i.wage_yuan + i.business_yuan + i.transfer_yuan),
      count(*) FILTER (WHERE (i.wage_yuan + i.business_yuan + i.transfer_yuan) / h.size < 5000), count(c.id)
    FROM registry_household h JOIN registry_income i ON i.household_id = h.id {county}
    LEFT JOIN registry_category c ON c.household_id = h.id AND c.kind = 'marginal' {category}
    WHERE {where} GROUP BY 1"""


def measure() -> dict[str, Any]:
    """Every layout's figures; questions in milliseconds, the rest in seconds."""
    server = os.environ.get("ANLAN_TEST_POSTGRESQL")
    if not server:
        return {"not measured": {"why": "ANLAN_TEST_POSTGRESQL names no server"}}
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)  # noqa: S103 (the server writes there, too)
        layout = Layouts(server, Path(folder))
        try:
            for name in LAYOUTS:
                for what, figure in layout.measured(name).items():
                    found.setdefault(what, {})[name] = figure
                print(json.dumps({what: row.get(name) for what, row in found.items()}), file=sys.stderr, flush=True)
        finally:
            layout.clear()
    return {f"{HOUSEHOLDS:,} households in {COUNTIES} counties": found}


class Layouts:
    """The databases on a server, made and measured one layout at a time."""

    def __init__(self, server: str, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.per_county = HOUSEHOLDS // COUNTIES
        self.names = ["anlan_prov", *(f"anlan_prov{which}" for which in range(COUNTIES))]

    def url(self, name: str) -> str:
        return urlsplit(self.server)._replace(path=f"/{name}").geturl()

    def admin(self, sql: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(sql)

    def run(self, name: str, *statements: str) -> None:
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            for sql in statements:
                connection.execute(sql)

    def clear(self) -> None:
        for name in self.names:
            self.admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def made(self, name: str) -> None:
        """An empty database of ours."""
        self.admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.admin(f"CREATE DATABASE {name}")
        environment = {**os.environ, "ANLAN_DATABASE": self.url(name), "ANLAN_HOME": str(self.folder)}
        environment |= {"PYTHONPATH": f"{ROOT}/src", "DJANGO_SETTINGS_MODULE": "anlan.county.config.settings"}
        command = [sys.executable, "-W", "ignore", "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(command, env=environment, check=True)
        self.run(name, "ALTER TABLE registry_person ALTER gone SET DEFAULT ''")

    def measured(self, name: str) -> dict[str, Any]:
        self.clear()
        self.made(self.names[0])
        partitioned, apart = name == "partitioned", name == "database per county"
        if partitioned:
            self.run(self.names[0], *(sql for table in TABLES for sql in self.split(table)))
        if apart:
            for county in range(COUNTIES):
                self.admin(f"CREATE DATABASE {self.names[1 + county]} TEMPLATE {self.names[0]}")
        self.csv()
        figures = {
            "load, s": timed(lambda: [self.load(county, partitioned, apart) for county in range(COUNTIES)]),
            "on disk, MB": self.megabytes(apart),
            **self.answers(partitioned, apart),
        }
        middle = COUNTIES // 2
        figures["back up a county, s"] = timed(lambda: self.back_up(middle, name))
        figures["drop a county, s"] = timed(lambda: self.drop(middle, name))
        return figures

    def answers(self, partitioned: bool, apart: bool) -> dict[str, Any]:
        """What Anlan's pages and reports ask, about a county in the middle."""
        middle, key = COUNTIES // 2, self.per_county * (COUNTIES // 2) + 77
        code = f"36{middle:04d}"
        within = f"h.code >= '{code}' AND h.code < '36{middle + 1:04d}'"
        mine, listed = (f" AND h.county = '{code}' AND p.county = '{code}'", f" AND h.county = '{code}'")
        person = (
            "SELECT * FROM registry_person p JOIN registry_household h ON h.id = p.household_id "
            f"WHERE p.id_index = hashint8extended({key * 3 + 1}, 4)"
        )
        page = (
            f"SELECT * FROM registry_household h WHERE {within}{listed if partitioned else ''} ORDER BY code LIMIT 50"
        )
        with self.connected(self.names[1 + middle] if apart else self.names[0]) as connection:
            found = {
                "by identity number, ms": asked(connection, person + (mine if partitioned else "")),
                "the same, county not known, ms": asked(connection, person) if not apart else "–",
                "a household by its key, ms": asked(connection, f"SELECT * FROM registry_household WHERE id = {key}"),
                "a page of a county, ms": asked(connection, page),
                "a county's summary, ms": asked(connection, self.summary(within, code if partitioned else "")),
            }
            whole = asked(connection, self.summary("true", "", partitioned), 3) if not apart else 0
        return found | {
            "the province's summary, ms": whole or round(sum(self.alone(county) for county in range(COUNTIES)), 2)
        }

    def connected(self, name: str) -> psycopg.Connection[Any]:
        """A connection such as Django's: it prepares nothing."""
        return psycopg.connect(self.url(name), autocommit=True, prepare_threshold=None)

    def alone(self, county: int) -> float:
        with self.connected(self.names[1 + county]) as connection:
            return asked(connection, self.summary("true", ""), 2)

    def summary(self, where: str, county: str, partitioned: bool = False) -> str:
        together, category = (
            ("AND i.county = h.county", "AND c.county = h.county") if county or partitioned else ("", "")
        )
        return SUMMARY.format(
            where=f"{where} AND h.county = '{county}' AND i.county = '{county}'" if county else where,
            county=together, category=category,
        )  # fmt: skip

    def split(self, table: str) -> list[str]:
        """The table anew, in a partition for each county, with its indexes; its keys take the county in."""
        parts = [f"CREATE TABLE {table}_{c} PARTITION OF {table} FOR VALUES IN ('36{c:04d}')" for c in range(COUNTIES)]
        unique = {"registry_household": "code", "registry_income": "household_id", "registry_home": "household_id"}
        with psycopg.connect(self.url(self.names[0])) as connection:
            rows = connection.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename = %s AND indexdef NOT LIKE 'CREATE UNIQUE%%'", [table]
            ).fetchall()
        again = [sql for (sql,) in rows]
        keys = [f"ALTER TABLE {table} ADD PRIMARY KEY (county, id)", f"CREATE INDEX ON {table} (id)"]
        if table in unique:
            keys.append(f"ALTER TABLE {table} ADD UNIQUE (county, {unique[table]})")
        if table != "registry_household":
            keys.append(f"ALTER TABLE {table} ADD FOREIGN KEY (county, household_id) REFERENCES registry_household "
                        "(county, id) DEFERRABLE INITIALLY DEFERRED")  # fmt: skip
        columns = f"LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS, county varchar(6) NOT NULL"
        return [
            f"CREATE TABLE made ({columns}) PARTITION BY LIST (county)", f"DROP TABLE {table} CASCADE",
            f"ALTER TABLE made RENAME TO {table}", *parts, *keys, *again,
        ]  # fmt: skip

    def csv(self) -> None:
        """Every table's rows as files, a county each, so that each layout loads the same by COPY."""
        if (self.folder / f"{TABLES[0]}_0").exists():
            return
        with psycopg.connect(self.url(self.names[0])) as connection:
            for table, fill in FILL.items():
                for county in range(COUNTIES):
                    words = {"first": county * self.per_county + 1, "last": (county + 1) * self.per_county,
                             "county": self.per_county, "per": self.per_county // VILLAGES,
                             "sealed": SEALED}  # fmt: skip
                    query = fill[fill.index("SELECT") :].format(**words)
                    path = self.folder / f"{table}_{county}"
                    with path.open("wb") as file, connection.cursor().copy(f"COPY ({query}) TO STDOUT") as copy:
                        for piece in copy:
                            file.write(piece)

    def load(self, county: int, partitioned: bool, apart: bool) -> None:
        name = self.names[1 + county] if apart else self.names[0]
        with psycopg.connect(self.url(name)) as connection:
            connection.execute("SET session_replication_role = replica")  # divisions are not what is measured
            for table, fill in FILL.items():
                columns = fill[: fill.index("SELECT")].strip()
                into = f"{table}_{county}" if partitioned else table
                if partitioned:
                    connection.execute(f"ALTER TABLE {into} ALTER county SET DEFAULT '36{county:04d}'")
                copying = connection.cursor().copy(f"COPY {into} {columns} FROM STDIN")
                with (self.folder / f"{table}_{county}").open("rb") as file, copying as copy:
                    while piece := file.read(1 << 20):
                        copy.write(piece)
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            if apart or county == COUNTIES - 1:
                connection.execute("VACUUM ANALYZE")

    def megabytes(self, apart: bool) -> int:
        names = self.names[1:] if apart else self.names[:1]
        with psycopg.connect(self.server) as connection:
            return round(sum(connection.execute("SELECT pg_database_size(%s)", [n]).fetchone()[0] for n in names) / 1e6)

    def back_up(self, county: int, name: str) -> None:
        """As the layout allows: a dump of the database, of the partitions, or, of rows among others, by COPY."""
        code, out = f"36{county:04d}", str(self.folder / "backup")
        dump = ["pg_dump", "-Fc", "-Z1", "-f", out, "-d"]
        if name == "database per county":
            subprocess.run([*dump, self.url(self.names[1 + county])], check=True)
        elif name == "partitioned":
            tables = [word for table in TABLES for word in ("-t", f"{table}_{county}")]
            subprocess.run([*dump, self.url(self.names[0]), *tables], check=True)
        else:
            with psycopg.connect(self.url(self.names[0])) as connection, open(out, "wb") as file:
                for table in TABLES:
                    key = "id" if table == "registry_household" else "household_id"
                    mine = f"SELECT id FROM registry_household WHERE code >= '{code}' AND code < '36{county + 1:04d}'"
                    with connection.cursor().copy(
                        f"COPY (SELECT * FROM {table} WHERE {key} IN ({mine})) TO STDOUT"
                    ) as copy:
                        for piece in copy:
                            file.write(piece)

    def drop(self, county: int, name: str) -> None:
        """Let a county go: rows with all that Django's keys make PostgreSQL look at, or a table, or a database."""
        if name == "database per county":
            self.admin(f"DROP DATABASE {self.names[1 + county]}")
        elif name == "partitioned":
            for each in reversed(TABLES):  # a household's parts hold it fast until they are gone
                part = f"{each}_{county}"
                self.run(self.names[0], f"ALTER TABLE {each} DETACH PARTITION {part}", f"DROP TABLE {part} CASCADE")
        else:
            mine = f"SELECT id FROM registry_household WHERE code >= '36{county:04d}' AND code < '36{county + 1:04d}'"
            sql = [
                f"DELETE FROM {t} WHERE {'id' if t == TABLES[0] else 'household_id'} IN ({mine})"
                for t in reversed(TABLES)
            ]
            with psycopg.connect(self.url(self.names[0])) as connection:
                for each in sql:
                    connection.execute(each)


def timed(deed: Callable[[], Any]) -> float:
    """Seconds by the clock."""
    begun = time.monotonic()
    deed()
    return round(time.monotonic() - begun, 2)


def asked(connection: psycopg.Connection[Any], sql: str, runs: int = RUNS) -> float:
    """Milliseconds of a question, its answer read; the median, after one run that warms the cache."""
    times = []
    for _each in range(runs + 1):
        begun = time.perf_counter()
        connection.execute(sql).fetchall()
        times.append(1000 * (time.perf_counter() - begun))
    return round(statistics.median(times[1:]), 2)


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=1))
