import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Image",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=300)),
                ("digest", models.CharField(max_length=80)),
                ("command", models.JSONField(default=list)),
                ("environment", models.JSONField(default=dict)),
                ("workdir", models.CharField(default="/", max_length=300)),
                ("user", models.CharField(blank=True, max_length=100)),
                ("port", models.IntegerField(null=True)),
                ("stack", models.CharField(default="other", max_length=20)),
                ("pretended", models.JSONField(default=list)),
                ("pushed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name", "digest"), name="image_digest")],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=300)),
                ("tag", models.CharField(max_length=128)),
                (
                    "image",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tags", to="registry.image"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name", "tag"), name="tag_once")],
            },
        ),
    ]
