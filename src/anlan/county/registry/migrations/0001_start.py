import anlan.county.sealed
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('office', '0001_start'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True)),
                ('group_no', models.PositiveSmallIntegerField(default=1)),
                ('head_name', models.CharField(max_length=60)),
                ('size', models.PositiveSmallIntegerField()),
                ('address', models.CharField(blank=True, max_length=120)),
                ('phone', anlan.county.sealed.SealedField(blank=True, index='phone_index', max_length=20)),
                ('phone_index', anlan.county.sealed.BlindIndex(db_index=True, editable=False, null=True, of='phone')),
                ('phone_tail', anlan.county.sealed.BlindIndex(db_index=True, editable=False, null=True, of='phone', tail=True)),
                ('lon', models.FloatField(null=True)),
                ('lat', models.FloatField(null=True)),
                ('location', models.CharField(choices=[('point', 'point'), ('group', 'group'), ('village', 'village'), ('area', 'area')], default='village', max_length=10)),
                ('registered', models.BooleanField(default=True)),
                ('labourers', models.PositiveSmallIntegerField(default=0)),
                ('insured', models.BooleanField(default=False)),
                ('names', models.TextField(blank=True)),
                ('disabled_mark', models.BigIntegerField(default=0)),
                ('updated_at', models.DateTimeField()),
                ('number', models.CharField(blank=True, max_length=40)),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='households', to='office.division')),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Home',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('structure', models.CharField(max_length=20)),
                ('storeys', models.PositiveSmallIntegerField(default=1)),
                ('area_m2', models.FloatField(default=0)),
                ('built', models.PositiveSmallIntegerField(null=True)),
                ('value_yuan', models.FloatField(default=0)),
                ('grade', models.CharField(blank=True, max_length=1)),
                ('household', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='home', to='registry.household')),
            ],
        ),
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('quantity', models.FloatField()),
                ('value_yuan', models.FloatField()),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holdings', to='registry.household')),
            ],
        ),
        migrations.CreateModel(
            name='Address',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(blank=True, max_length=120)),
                ('since', models.DateField(null=True)),
                ('until', models.DateField()),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addresses', to='registry.household')),
            ],
            options={
                'ordering': ['household', 'until', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Income',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateField()),
                ('wage_yuan', models.FloatField(default=0)),
                ('business_yuan', models.FloatField(default=0)),
                ('business_cost_yuan', models.FloatField(default=0)),
                ('property_yuan', models.FloatField(default=0)),
                ('transfer_yuan', models.FloatField(default=0)),
                ('rigid_yuan', models.FloatField(default=0)),
                ('savings_yuan', models.FloatField(default=0)),
                ('household', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='income', to='registry.household')),
            ],
        ),
        migrations.CreateModel(
            name='Mapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('headings', models.JSONField(default=dict)),
                ('clears', models.JSONField(default=list)),
                ('updated_at', models.DateTimeField()),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='office.department')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=120)),
                ('digest', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('received', 'received'), ('staged', 'staged'), ('refused', 'refused'), ('confirmed', 'confirmed'), ('merged', 'merged'), ('undone', 'undone'), ('discarded', 'discarded')], max_length=10)),
                ('at', models.DateTimeField()),
                ('merged_at', models.DateTimeField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('new', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('unchanged', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('seen', models.CharField(blank=True, max_length=64)),
                ('reason', models.TextField(blank=True)),
                ('ignored', models.JSONField(default=list)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to=settings.AUTH_USER_MODEL)),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='office.division')),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_batches', to=settings.AUTH_USER_MODEL)),
                ('mapping', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='registry.mapping')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('id_number', anlan.county.sealed.SealedField(index='id_index', max_length=22)),
                ('id_index', anlan.county.sealed.BlindIndex(db_index=True, editable=False, null=True, of='id_number')),
                ('sex', models.CharField(max_length=1)),
                ('born', models.DateField()),
                ('relation', models.CharField(max_length=20)),
                ('health', anlan.county.sealed.SealedField(default='healthy', max_length=12)),
                ('labour', models.CharField(default='ordinary', max_length=12)),
                ('student', models.BooleanField(default=False)),
                ('medically_insured', models.BooleanField(default=True)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='registry.household')),
            ],
        ),
        migrations.CreateModel(
            name='WaterSource',
            fields=[
                ('code', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('name', models.CharField(max_length=60)),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='office.division')),
            ],
        ),
        migrations.AddField(
            model_name='household',
            name='water_source',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='households', to='registry.watersource'),
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20)),
                ('table', models.CharField(max_length=12)),
                ('row', models.BigIntegerField()),
                ('field', models.CharField(blank=True, max_length=24)),
                ('old', models.TextField(blank=True)),
                ('new', models.TextField(blank=True)),
                ('personal_old', anlan.county.sealed.SealedField(blank=True, default='')),
                ('personal_new', anlan.county.sealed.SealedField(blank=True, default='')),
                ('by', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='registry.batch')),
            ],
            options={
                'indexes': [models.Index(fields=['code', 'id'], name='change_household')],
            },
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
                ('source', models.CharField(blank=True, max_length=80)),
                ('code', models.CharField(max_length=20)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='categories', to='registry.household')),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'code'], name='category_kind')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='category_ends_after_it_begins')],
            },
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'undone'), ('undone_at__isnull', False), ('undone_by__isnull', False)), models.Q(models.Q(('state', 'undone'), _negated=True), ('undone_at__isnull', True), ('undone_by__isnull', True)), _connector='OR'), name='an_undone_batch_says_by_whom_and_when'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(condition=models.Q(('location', 'point'), _negated=True), fields=['code'], name='household_unplaced'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['number'], name='household_number'),
        ),
        migrations.AddConstraint(
            model_name='household',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lat__isnull', True), ('lon__isnull', True)), models.Q(('lat__isnull', False), ('lon__isnull', False)), _connector='OR'), name='a_point_has_both_coordinates'),
        ),
        migrations.AddConstraint(
            model_name='household',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('location', 'point'), _negated=True), ('lon__isnull', False), _connector='OR'), name='a_located_household_has_coordinates'),
        ),
        migrations.CreateModel(
            name='Deed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('merge', 'merge'), ('split', 'split'), ('reunite', 'reunite'), ('move', 'move'), ('death', 'death'), ('leave', 'leave'), ('birth', 'birth'), ('join', 'join')], max_length=8)),
                ('on', models.DateField()),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Distinct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='address',
            name='code',
            field=models.CharField(blank=True, db_default='', db_index=True, max_length=20),
        ),
        migrations.AddField(
            model_name='household',
            name='closed_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='household',
            name='merged_into',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='registry.household'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='household_merged'),
        ),
        migrations.AddField(
            model_name='person',
            name='gone',
            field=models.CharField(blank=True, choices=[('died', 'died'), ('left', 'left')], db_default='', max_length=4),
        ),
        migrations.AddField(
            model_name='person',
            name='gone_on',
            field=models.DateField(null=True),
        ),
        migrations.AddConstraint(
            model_name='household',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_on__isnull', True), ('merged_into__isnull', True)), ('registered', False), _connector='OR'), name='a_household_that_is_gone_is_not_registered'),
        ),
        migrations.AddField(
            model_name='deed',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='deed',
            name='household',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deeds', to='registry.household'),
        ),
        migrations.AddField(
            model_name='deed',
            name='other',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='other_deeds', to='registry.household'),
        ),
        migrations.AddField(
            model_name='deed',
            name='undone_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='change',
            name='deed',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='registry.deed'),
        ),
        migrations.AddField(
            model_name='distinct',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='distinct',
            name='first',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.household'),
        ),
        migrations.AddField(
            model_name='distinct',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.household'),
        ),
        migrations.AddConstraint(
            model_name='deed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='an_undone_deed_says_by_whom_and_when'),
        ),
        migrations.AddConstraint(
            model_name='distinct',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='a_pair_is_judged_once'),
        ),
        migrations.AddConstraint(
            model_name='distinct',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='a_pair_is_in_order'),
        ),
    ]
