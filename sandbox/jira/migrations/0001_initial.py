import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Issue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=20, unique=True)),
                ("type", models.CharField(default="Task", max_length=40)),
                ("summary", models.CharField(max_length=255)),
                ("description", models.TextField(blank=True)),
                ("labels", models.JSONField(default=list)),
                ("properties", models.JSONField(default=dict)),
                (
                    "status",
                    models.CharField(
                        choices=[("To Do", "To Do"), ("In Progress", "In Progress"), ("Done", "Done")],
                        default="To Do",
                        max_length=20,
                    ),
                ),
                ("resolution", models.CharField(blank=True, max_length=40)),
                ("resolved", models.DateTimeField(null=True)),
                ("reporter", models.CharField(max_length=60)),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated", models.DateTimeField(default=django.utils.timezone.now)),
                ("indexed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Project",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=10, unique=True)),
                ("name", models.CharField(max_length=100)),
                ("issues_made", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("url", models.TextField()),
                ("events", models.JSONField(default=list)),
                ("secret", models.CharField(blank=True, max_length=255)),
            ],
        ),
        migrations.CreateModel(
            name="Index",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lag_seconds", models.FloatField(default=0)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_index")],
            },
        ),
        migrations.CreateModel(
            name="FormerKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=20, unique=True)),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="former_keys", to="jira.issue"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("author", models.CharField(max_length=60)),
                ("body", models.TextField()),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="comments", to="jira.issue"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AddField(
            model_name="issue",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="issues", to="jira.project"
            ),
        ),
        migrations.CreateModel(
            name="RemoteLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("global_id", models.CharField(blank=True, max_length=255)),
                ("url", models.TextField()),
                ("title", models.CharField(max_length=255)),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="remote_links", to="jira.issue"
                    ),
                ),
            ],
        ),
    ]
