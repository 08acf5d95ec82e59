from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Object",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("group", models.CharField(blank=True, max_length=100)),
                ("kind", models.CharField(max_length=100)),
                ("namespace", models.CharField(blank=True, max_length=63)),
                ("name", models.CharField(max_length=253)),
                ("uid", models.CharField(max_length=36, unique=True)),
                ("owner", models.CharField(blank=True, db_index=True, max_length=36)),
                ("body", models.JSONField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("group", "kind", "namespace", "name"), name="one_object_of_a_name")
                ],
            },
        ),
    ]
