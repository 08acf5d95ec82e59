from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_target_egress")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="external_id",
            field=models.CharField(
                blank=True,
                default="",
                help_text="the source host's id of it; empty where only a file has it",
                max_length=40,
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("organisation", "external_id"),
                name="one_team_per_external_id",
            ),
        ),
    ]
