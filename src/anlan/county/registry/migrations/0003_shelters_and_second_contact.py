"""Shelters, who goes to which, schools; a second contact of a household.

SQLite makes the households' table anew for a column, and loses the triggers that keep the search of names in step
(0002): they are made again, whichever way one goes.
"""

from importlib import import_module
from typing import Any

import anlan.county.sealed
import django.db.models.deletion
from django.db import migrations, models


def triggers(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        words = import_module("anlan.county.registry.migrations.0002_words")
        for statement in words.SQLITE:
            if statement.startswith("CREATE TRIGGER"):
                name = statement.split()[2]
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
                schema_editor.execute(statement)


def nothing(apps: Any, schema_editor: Any) -> None:
    pass


class Migration(migrations.Migration):

    dependencies = [
        ('office', '0001_start'),
        ('registry', '0002_words'),
    ]

    operations = [
        migrations.RunPython(nothing, triggers),
        migrations.AddField(
            model_name='household',
            name='second_index',
            field=anlan.county.sealed.BlindIndex(db_index=True, editable=False, null=True, of='second_phone'),
        ),
        migrations.AddField(
            model_name='household',
            name='second_phone',
            field=anlan.county.sealed.SealedField(blank=True, index='second_index', max_length=20),
        ),
        migrations.CreateModel(
            name='Shelter',
            fields=[
                ('code', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
                ('short', models.CharField(max_length=12)),
                ('capacity', models.PositiveIntegerField(null=True)),
                ('lon', models.FloatField(null=True)),
                ('lat', models.FloatField(null=True)),
                ('closed_on', models.DateField(null=True)),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shelters', to='office.division')),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group_no', models.PositiveSmallIntegerField(default=0)),
                ('route', models.CharField(blank=True, max_length=60)),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='office.division')),
                ('shelter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='registry.shelter')),
            ],
            options={
                'ordering': ['division_id', 'group_no', 'since'],
            },
        ),
        migrations.CreateModel(
            name='School',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('school', 'school'), ('kindergarten', 'kindergarten')], default='school', max_length=12)),
                ('phone', anlan.county.sealed.SealedField(blank=True, max_length=20)),
                ('pupils', models.PositiveIntegerField(null=True)),
                ('closed_on', models.DateField(null=True)),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='schools', to='office.division')),
            ],
            options={
                'ordering': ['division_id', 'name'],
                'constraints': [models.UniqueConstraint(fields=('division', 'name'), name='one_school_of_a_name')],
            },
        ),
        migrations.AddConstraint(
            model_name='shelter',
            constraint=models.UniqueConstraint(fields=('division', 'name'), name='one_shelter_of_a_name'),
        ),
        migrations.AddConstraint(
            model_name='shelter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lat__isnull', True), ('lon__isnull', True)), models.Q(('lat__isnull', False), ('lon__isnull', False)), _connector='OR'), name='a_shelters_point_has_both_coordinates'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('division', 'group_no'), name='one_shelter_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='an_assignment_ends_after_it_begins'),
        ),
        migrations.RunPython(triggers, nothing),
    ]
