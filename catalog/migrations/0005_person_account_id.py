from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_team_external_id")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="account_id",
            field=models.CharField(blank=True, default="", help_text="empty until the first sign-in", max_length=40),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(Upper("login"), name="membership_by_login"),
        ),
    ]
