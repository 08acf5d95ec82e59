import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("world", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="fault",
            name="share",
            field=models.FloatField(
                default=1.0,
                validators=[
                    django.core.validators.MinValueValidator(0.0),
                    django.core.validators.MaxValueValidator(1.0),
                ],
            ),
        ),
    ]
