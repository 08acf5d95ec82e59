"""What an application requests is kept apart from what it was granted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_person_account_id")]
    operations = [
        migrations.AlterField(
            model_name="application",
            name="demand",
            field=models.JSONField(
                default=dict, help_text="what it was granted of the namespace's quota, as quantities"
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="requested",
            field=models.JSONField(
                default=dict, help_text="what its newest run requests; granted once it is the demand"
            ),
        ),
        migrations.RunSQL("UPDATE catalog_application SET requested = demand", migrations.RunSQL.noop),
    ]
