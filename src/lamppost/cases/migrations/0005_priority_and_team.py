from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0004_open_cases_by_due_date'),
        ('catalog', '0002_row_security'),
        ('cities', '0002_row_security'),
        ('people', '0003_teams_and_notices'),
        ('routing', '0002_row_security'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='priority',
            field=models.CharField(choices=[('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], db_default='normal', default='normal', max_length=10),
        ),
        migrations.AddField(
            model_name='case',
            name='team',
            field=models.ForeignKey(blank=True, null=True, db_index=False, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.team'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='kind',
            field=models.CharField(choices=[('received', 'Received'), ('imported', 'Imported'), ('routed', 'Sent to a department'), ('moved', 'Status changed'), ('closed', 'Closed'), ('reopened', 'Reopened'), ('note', 'Note'), ('resident_comment', 'Comment by the resident'), ('partner_update', 'Update from a partner system'), ('photo', 'Photo added'), ('photo_hidden', 'Photo hidden'), ('edited', 'Corrected'), ('recategorized', 'Service changed'), ('assigned', 'Assigned'), ('transfer_offered', 'Transfer offered'), ('transfer_accepted', 'Transfer accepted'), ('transfer_refused', 'Transfer refused'), ('linked', 'Linked'), ('unlinked', 'Link removed'), ('followed', 'Somebody else reported the same'), ('visibility', 'Visibility changed'), ('clock', 'Service level'), ('priority', 'Priority changed'), ('escalated', 'Escalated'), ('work', 'Work item'), ('inspected', 'Inspected'), ('delivery', 'Partner system'), ('redress', 'Said to be not fixed'), ('quality', 'Checked for quality'), ('redacted', 'Personal data removed')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('team__isnull', False), models.Q(('state', 'closed'), _negated=True)), fields=['city', 'team', 'due_at', 'id'], name='case_team'),
        ),
    ]
