from __future__ import annotations

import django.db.models.deletion
import lamppost.database.scope
from django.conf import settings
from django.db import migrations, models

from lamppost.database.rls import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0009_saved_views'),
        ('catalog', '0002_row_security'),
        ('cities', '0002_row_security'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='clockevent',
            name='kind',
            field=models.CharField(choices=[('start', 'Start'), ('pause', 'Pause'), ('resume', 'Resume'), ('reopen', 'Reopen'), ('retarget', 'Retarget'), ('meet', 'Meet'), ('breach', 'Breach'), ('escalate', 'Escalate'), ('waive', 'Waive'), ('cancel', 'Cancel')], max_length=10),
        ),
        migrations.CreateModel(
            name='LearnedCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weight', models.PositiveSmallIntegerField()),
                ('text_digest', models.CharField(max_length=32)),
                ('rank', models.PositiveSmallIntegerField()),
                ('was_usual', models.BooleanField()),
                ('learned_at', models.DateTimeField()),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='learned', to='cases.case')),
                ('chosen', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service')),
                ('suggested', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service')),
            ],
            options={
                'indexes': [models.Index(fields=['city', '-id'], name='learnedcase_newest')],
            },
        ),
        migrations.CreateModel(
            name='SuggestionAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('opened', 'Taken up'), ('dismissed', 'Dismissed')], max_length=10)),
                ('at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suggestion_answers', to='cases.case')),
                ('chosen', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service')),
                ('city', models.ForeignKey(db_index=False, default=lamppost.database.scope.current_city_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cities.city')),
                ('suggested', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.service')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['city', '-at'], name='suggestion_newest')],
                'constraints': [models.UniqueConstraint(fields=('city', 'case', 'answer'), name='suggestion_once')],
            },
        ),
        EnableRowSecurity(tables=["cases_learnedcase", "cases_suggestionanswer"]),
    ]
