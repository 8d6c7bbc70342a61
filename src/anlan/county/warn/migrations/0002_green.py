# The green channel, the ladder, and what households answer. Relations are added together with their table where that
# can be: each one added by itself has Django read every model anew.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', '0001_start'),
        ('office', '0001_start'),
        ('registry', '0001_start'),
        ('warn', '0001_start'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='warning', name='released_was_approved'),
        migrations.AddField('target', 'acknowledged_place', models.CharField(blank=True, max_length=60, default=''), preserve_default=False),
        migrations.AddField('target', 'heard_at', models.DateTimeField(null=True)),
        migrations.AddField('target', 'next_at', models.DateTimeField(null=True)),
        migrations.AddField('target', 'rung', models.PositiveSmallIntegerField(default=0)),
        migrations.AddField('target', 'safe_at', models.DateTimeField(null=True)),
        migrations.AddField('target', 'call', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='called', to='dispatch.message')),
        migrations.AddField('warning', 'asked_at', models.DateTimeField(null=True)),
        migrations.AddField('warning', 'cancellation', models.CharField(blank=True, max_length=70, default=''), preserve_default=False),
        migrations.AddField('warning', 'edited', models.BooleanField(default=False)),
        migrations.AddField('warning', 'green_at', models.DateTimeField(null=True)),
        migrations.AddField('warning', 'hold_until', models.DateTimeField(null=True)),
        migrations.AddField('warning', 'objections', models.JSONField(default=list)),
        migrations.AddField('warning', 'asked', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
        migrations.AddIndex('target', models.Index(condition=Q(('acknowledged_at__isnull', True), ('next_at__isnull', False)), fields=['next_at'], name='target_due')),
        migrations.AddConstraint('warning', models.CheckConstraint(condition=Q(released_at__isnull=True) | Q(approved_at__isnull=False) | Q(green_at__isnull=False), name='released_was_approved')),
        migrations.AddConstraint('warning', models.CheckConstraint(condition=Q(asked__isnull=True, asked_at__isnull=True) | Q(asked__isnull=False, asked_at__isnull=False), name='asked_has_who_and_when')),
        migrations.AddConstraint('warning', models.CheckConstraint(condition=~Q(state='held') | Q(hold_until__isnull=False), name='held_says_until_when')),
        migrations.CreateModel(
            name='Errand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rung', models.PositiveSmallIntegerField()),
                ('households', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='office.division')),
                ('holder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('warning', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='errands', to='warn.warning')),
            ],
            options={'indexes': [models.Index(fields=['division', 'at'], name='errand_place')]},
        ),
    ]
