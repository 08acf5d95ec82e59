from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_identity")]

    operations = [
        migrations.AddField(
            model_name="target",
            name="egress",
            field=models.JSONField(
                default=list, blank=True, help_text="what applications may reach besides the internet: [{cidr, ports}]"
            ),
        ),
    ]
