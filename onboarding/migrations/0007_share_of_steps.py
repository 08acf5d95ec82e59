from django.db import migrations, models

COPIED = """
UPDATE onboarding_step s SET share = r.share FROM onboarding_run r WHERE r.id = s.run_id AND r.state = 'active' AND r.share <> ''
"""


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0006_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="step",
            name="share",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="its run's, so that an index finds the oldest of each",
                max_length=60,
            ),
        ),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(
                condition=models.Q(("state__in", ["ready", "waiting"])),
                fields=["queue", "share", "due_at"],
                name="step_in_lane",
            ),
        ),
        migrations.RemoveIndex(model_name="run", name="run_by_topic"),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("state", "active"), models.Q(("topic", ""), _negated=True)),
                fields=["topic"],
                name="run_by_topic",
            ),
        ),
        migrations.RunSQL(COPIED, migrations.RunSQL.noop),
    ]
