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
                            ("delay", "Delay the response"),
                            ("error-before", "Answer 5xx without processing the request"),
                            ("error-after", "Process the request, then answer 5xx"),
                            ("reset-before", "Reset the connection without processing the request"),
                            ("reset-after", "Process the request, then reset the connection"),
                            ("rate-limit", "Answer with a rate limit"),
                            ("black-hole", "Accept the request and never answer"),
                            ("half-body", "Send half of the response"),
                            ("slow-drip", "Process the request, then send the response byte by byte"),
                            ("invalid-json", "Answer with invalid JSON"),
                            ("webhook-dropped", "Webhooks: drop"),
                            ("webhook-doubled", "Webhooks: send twice"),
                            ("webhook-delayed", "Webhooks: delay, so that later ones arrive first"),
                            (
                                "webhook-reordered",
                                "Webhooks: send after the next one, for which the sandbox waits a while",
                            ),
                            ("webhook-early", "Webhooks: send before answering the request that caused it"),
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
