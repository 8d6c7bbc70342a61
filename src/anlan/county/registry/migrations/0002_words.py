"""The search of names: FTS5 on SQLite, GIN on PostgreSQL, both over `Household.names`.

On SQLite triggers keep the index in step. Its work is done once a statement, which is why the bulk writer puts many
rows into one.
"""

from typing import Any

from django.db import migrations

SQLITE = (
    "CREATE VIRTUAL TABLE registry_words USING fts5(names, content='', columnsize=0)",
    "CREATE TRIGGER registry_words_insert AFTER INSERT ON registry_household BEGIN"
    " INSERT INTO registry_words(rowid, names) VALUES (new.id, new.names); END",
    "CREATE TRIGGER registry_words_update AFTER UPDATE OF names ON registry_household WHEN old.names <> new.names BEGIN"
    " INSERT INTO registry_words(registry_words, rowid, names) VALUES ('delete', old.id, old.names);"
    " INSERT INTO registry_words(rowid, names) VALUES (new.id, new.names); END",
    "CREATE TRIGGER registry_words_delete AFTER DELETE ON registry_household BEGIN"
    " INSERT INTO registry_words(registry_words, rowid, names) VALUES ('delete', old.id, old.names); END",
    "INSERT INTO registry_words(rowid, names) SELECT id, names FROM registry_household",
)
SQLITE_BACK = (
    "DROP TRIGGER registry_words_insert", "DROP TRIGGER registry_words_update", "DROP TRIGGER registry_words_delete",
    "DROP TABLE registry_words",
)
POSTGRESQL = ("CREATE INDEX registry_words ON registry_household USING gin (to_tsvector('simple'::regconfig, names))",)
POSTGRESQL_BACK = ("DROP INDEX registry_words",)


def run(schema_editor: Any, statements: tuple[str, ...]) -> None:
    for statement in statements:
        schema_editor.execute(statement)


def make(apps: Any, schema_editor: Any) -> None:
    run(schema_editor, POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def take_away(apps: Any, schema_editor: Any) -> None:
    run(schema_editor, POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK)


class Migration(migrations.Migration):

    dependencies = [("registry", "0001_start")]

    operations = [migrations.RunPython(make, take_away)]
