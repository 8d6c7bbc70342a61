"""`anlan migrate`: Django's own, but a database in which nothing is yet gets its tables at once.

Walking through the history of tables that hold no row takes ten times as long as making them as they are now.
"""

from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

if TYPE_CHECKING:
    from django.db.migrations.state import StateApps

OTHERWISE = ("app_label", "fake", "fake_initial", "plan", "check_unapplied", "prune")


class Command(migrate.Command):
    """Says what it applied."""

    help = "bring the database's tables up to the code (`anlan setup` does so, and more)"

    def handle(self, *args: Any, **options: Any) -> Any:
        if not any(options[name] for name in OTHERWISE):
            lay(connections[options["database"]])
        return super().handle(*args, **options)


def lay(connection: BaseDatabaseWrapper) -> bool:
    """Make all tables as the models have them and note every migration as done; only in an empty database.

    What migrations do besides (triggers, indexes of a database's own) is done after it, in their order. All of it is
    there, or nothing. Returns whether the database was empty.
    """
    recorder = MigrationRecorder(connection)
    if (
        set(connection.introspection.table_names()) - {recorder.Migration._meta.db_table}
        or recorder.applied_migrations()
    ):
        return False
    recorder.ensure_schema()
    executor = MigrationExecutor(connection)
    history = [each for each, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        for migration in history:
            for step in migration.operations:
                if isinstance(step, RunPython):
                    step.code(cast("StateApps", apps), editor)  # the models as they are now
            recorder.record_applied(migration.app_label, migration.name)
    return True
