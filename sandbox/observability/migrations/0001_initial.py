import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="IndexTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True)),
                ("body", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(db_index=True, max_length=200)),
                ("labels", models.JSONField()),
                ("identity", models.CharField(max_length=64, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.CharField(max_length=500, unique=True)),
                ("error", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("index", models.CharField(db_index=True, max_length=255)),
                ("identity", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_index=True)),
                ("source", models.JSONField()),
            ],
            options={
                "indexes": [models.Index(fields=["index", "-at"], name="observabili_index_744ae2_idx")],
                "constraints": [models.UniqueConstraint(fields=("index", "identity"), name="document_identity")],
            },
        ),
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.FloatField()),
                ("value", models.FloatField()),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="samples", to="observability.series"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["series", "at"], name="observabili_series__930f4b_idx")],
            },
        ),
    ]
