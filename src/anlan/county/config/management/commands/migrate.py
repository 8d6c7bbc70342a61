"""Django's own `migrate`, but for one thing: an empty database gets its tables at once.

To walk through the history of tables that hold no row takes ten times as long as to make them as they are in the end,
and every set-up, drill and test would pay it. A database that has tables goes from step to step as ever.
"""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython
from django.db.migrations.recorder import MigrationRecorder

STEPWISE = ("app_label", "fake", "fake_initial", "plan", "check_unapplied", "prune", "stepwise")


class Command(migrate.Command):
    """As Django's, with `--stepwise` for those who want every step."""

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument("--stepwise", action="store_true", help="go step by step in an empty database, too")

    def handle(self, *args: Any, **options: Any) -> Any:
        if not any(options.get(name) for name in STEPWISE):
            lay(connections[options["database"]])
        return super().handle(*args, **options)


def lay(connection: BaseDatabaseWrapper) -> bool:
    """Make all tables as the migrations leave them and note each of these as done; only in an empty database.

    What migrations do besides (triggers, indexes of a database's own) is done after it, in their order, and so has to
    bear tables as they are in the end, with no row. All of it is there, or nothing. Returns whether it was empty.
    """
    recorder = MigrationRecorder(connection)
    others = set(connection.introspection.table_names()) - {recorder.Migration._meta.db_table}
    if others or recorder.applied_migrations():
        return False
    recorder.ensure_schema()
    executor = MigrationExecutor(connection)
    history = [each for each, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    apps = executor.loader.project_state().apps
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        for migration in history:
            for step in migration.operations:
                if isinstance(step, RunPython):
                    step.code(apps, editor)
            recorder.record_applied(migration.app_label, migration.name)
    return True
