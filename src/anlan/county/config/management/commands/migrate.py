"""Django's own `migrate`, but for one thing: an empty database is built at one go.

Its tables are made from the models as they stand, what migrations do besides (triggers, the search of names) follows
in their order, and all of them are noted as done. That takes a second where the steps take twelve, in every set-up,
drill and test. A database that has tables goes from step to step as ever; a test holds both roads to one schema.
"""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL

STEPWISE = ("app_label", "migration_name", "plan", "check_unapplied", "fake", "fake_initial", "prune", "stepwise")


class Command(migrate.Command):
    """As Django's, with `--stepwise` for those who want every step."""

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument("--stepwise", action="store_true", help="build an empty database step by step, too")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if not any(options.get(each) for each in STEPWISE) and not connection.introspection.table_names():
            self.verbosity = options["verbosity"]
            with connection.constraint_checks_disabled(), transaction.atomic(using=connection.alias):
                self._build(connection)
        super().handle(*args, **options)

    def _build(self, connection: Any) -> None:
        executor = MigrationExecutor(connection)
        plan = [each for each, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]
        self.sync_apps(connection, executor.loader.migrated_apps)
        state = executor.loader.project_state()
        with connection.schema_editor() as editor:
            for migration in plan:
                for each in migration.operations:
                    if isinstance(each, RunPython | RunSQL):
                        each.database_forwards(migration.app_label, editor, state, state)
        for migration in plan:
            executor.recorder.record_applied(migration.app_label, migration.name)
