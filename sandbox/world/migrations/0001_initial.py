from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Process",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pid", models.IntegerField()),
                ("started", models.CharField(max_length=40)),
                ("owner", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("provider", models.CharField(db_index=True, max_length=60)),
                ("method", models.CharField(max_length=10)),
                ("path", models.TextField()),
                ("query", models.TextField(blank=True)),
                ("status", models.IntegerField(null=True)),
                ("milliseconds", models.FloatField()),
                ("agent", models.TextField(blank=True)),
                ("request_id", models.CharField(blank=True, max_length=200)),
                ("fault", models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="Fault",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("delay", "wait, then answer as usual"),
                            ("error-before", "answer 5xx, do nothing"),
                            ("error-after", "do it, then answer 5xx"),
                            ("reset-before", "cut the connection, do nothing"),
                            ("reset-after", "do it, then cut the connection"),
                            ("rate-limit", "refuse for a while"),
                            ("black-hole", "take the request, never answer"),
                            ("half-body", "send half of the answer"),
                            ("slow-drip", "do it, then send a byte of the answer at a time"),
                            ("invalid-json", "answer what is no JSON"),
                            ("webhook-dropped", "webhooks: never sent"),
                            ("webhook-doubled", "webhooks: sent twice"),
                            ("webhook-delayed", "webhooks: sent later, and so overtaken by the next ones"),
                            (
                                "webhook-reordered",
                                "webhooks: sent after the next one, which is awaited for a while",
                            ),
                            ("webhook-early", "webhooks: sent before the call that caused it is answered"),
                        ],
                        max_length=20,
                    ),
                ),
                ("method", models.CharField(default="*", max_length=10)),
                ("path", models.CharField(default="/", max_length=500)),
                ("seconds", models.FloatField(default=1.0)),
                ("status", models.IntegerField(default=503)),
                ("times", models.IntegerField(blank=True, null=True)),
                ("hits", models.IntegerField(default=0)),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("times__isnull", True), ("times__gte", 0), _connector="OR"),
                        name="fault_times",
                    )
                ],
            },
        ),
    ]
