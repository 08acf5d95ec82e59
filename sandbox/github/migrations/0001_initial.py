import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CheckRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=300)),
                ("head_sha", models.CharField(db_index=True, max_length=40)),
                ("status", models.CharField(default="queued", max_length=20)),
                ("conclusion", models.CharField(blank=True, max_length=20)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("completed_at", models.DateTimeField(null=True)),
                ("details_url", models.TextField(blank=True)),
                ("summary", models.TextField(blank=True)),
                ("annotations", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="Hook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.TextField()),
                ("secret", models.TextField(blank=True)),
                ("events", models.JSONField(default=list)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="OAuthCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True)),
                ("login", models.CharField(max_length=100)),
                ("client", models.CharField(max_length=100)),
                ("redirect_uri", models.TextField()),
                ("scope", models.TextField(blank=True)),
                ("challenge", models.CharField(blank=True, max_length=128)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "checkrun_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="github.checkrun",
                    ),
                ),
                ("attempt", models.IntegerField()),
                ("key", models.CharField(max_length=200)),
                ("position", models.IntegerField()),
                ("steps", models.JSONField(default=list)),
                ("outputs", models.JSONField(default=dict)),
                ("group", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ("position",),
            },
            bases=("github.checkrun",),
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("guid", models.UUIDField()),
                ("event", models.CharField(max_length=40)),
                ("action", models.CharField(blank=True, max_length=40)),
                ("payload", models.BinaryField()),
                ("headers", models.JSONField(default=dict)),
                ("redelivery", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("sent_at", models.DateTimeField(null=True)),
                ("seconds", models.FloatField(default=0)),
                ("status", models.IntegerField(null=True)),
                (
                    "hook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="github.hook"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
            },
        ),
        migrations.CreateModel(
            name="Repository",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.CharField(max_length=100)),
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True)),
                ("private", models.BooleanField(default=False)),
                ("archived", models.BooleanField(default=False)),
                ("default_branch", models.CharField(default="main", max_length=200)),
                ("actions_enabled", models.BooleanField(default=True)),
                ("break_next", models.TextField(blank=True)),
                ("seen_refs", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("pushed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("owner"),
                        django.db.models.functions.text.Lower("name"),
                        name="repository_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Pull",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("title", models.TextField()),
                ("body", models.TextField(null=True)),
                ("author", models.CharField(max_length=100)),
                ("head", models.CharField(max_length=250)),
                ("base", models.CharField(max_length=250)),
                ("head_sha", models.CharField(max_length=40)),
                ("base_sha", models.CharField(max_length=40)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("merged_at", models.DateTimeField(null=True)),
                ("merged_by", models.CharField(blank=True, max_length=100)),
                ("merge_commit", models.CharField(blank=True, max_length=40)),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pulls", to="github.repository"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="hook",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="hooks", to="github.repository"
            ),
        ),
        migrations.AddField(
            model_name="checkrun",
            name="repository",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="check_runs", to="github.repository"
            ),
        ),
        migrations.CreateModel(
            name="BranchProtection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pattern", models.CharField(max_length=200)),
                ("rules", models.JSONField(default=dict)),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="protections", to="github.repository"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Access",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("team", models.CharField(blank=True, max_length=100)),
                ("login", models.CharField(blank=True, max_length=100)),
                (
                    "permission",
                    models.CharField(max_length=10),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="accesses", to="github.repository"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "accesses",
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("author", models.CharField(max_length=100)),
                ("state", models.CharField(max_length=20)),
                ("body", models.TextField(blank=True)),
                ("commit", models.CharField(max_length=40)),
                ("submitted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "pull",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="github.pull"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Workflow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=300)),
                ("name", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="workflows", to="github.repository"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WorkflowRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("attempt", models.IntegerField(default=1)),
                ("event", models.CharField(max_length=40)),
                ("payload", models.JSONField(default=dict)),
                ("head_branch", models.CharField(max_length=250)),
                ("head_sha", models.CharField(max_length=40)),
                ("actor", models.CharField(max_length=100)),
                ("title", models.TextField()),
                ("status", models.CharField(default="queued", max_length=20)),
                ("conclusion", models.CharField(blank=True, max_length=20)),
                ("message", models.TextField(blank=True)),
                ("group", models.CharField(blank=True, max_length=300)),
                ("cancelled", models.BooleanField(default=False)),
                ("broken", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "pull",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="runs", to="github.pull"
                    ),
                ),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="github.repository"
                    ),
                ),
                (
                    "workflow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="github.workflow"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="JobToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=60, unique=True)),
                ("permissions", models.JSONField(default=dict)),
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="token", to="github.job"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="job",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="jobs", to="github.workflowrun"
            ),
        ),
        migrations.AddConstraint(
            model_name="pull",
            constraint=models.UniqueConstraint(fields=("repository", "number"), name="pull_number"),
        ),
        migrations.AddConstraint(
            model_name="pull",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)),
                fields=("repository", "head", "base"),
                name="pull_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="branchprotection",
            constraint=models.UniqueConstraint(fields=("repository", "pattern"), name="protection_pattern"),
        ),
        migrations.AddConstraint(
            model_name="access",
            constraint=models.UniqueConstraint(fields=("repository", "team", "login"), name="access_once"),
        ),
        migrations.AddConstraint(
            model_name="access",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("login__gt", ""), ("team", "")),
                    models.Q(("login", ""), ("team__gt", "")),
                    _connector="OR",
                ),
                name="access_team_or_login",
            ),
        ),
        migrations.AddConstraint(
            model_name="workflow",
            constraint=models.UniqueConstraint(fields=("repository", "path"), name="workflow_path"),
        ),
    ]
