"""Deliveries are unique by content and compressed; nobody changes or deletes what happened, except the retention."""

from django.db import migrations, models

# Deliveries of before are not compressed and have no digest. All that they caused is in the events.
FORGET = "DELETE FROM events_webhookdelivery"

# A role that owns no table cannot switch the refusal off: `current_user` is the owner only within `events_remove_deliveries`.
APPEND_ONLY = """
CREATE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'events_webhookdelivery'
        AND pg_catalog.current_setting('onramp.retention', true) = 'on'
        AND current_user = (SELECT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = TG_RELID)
    THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% is append-only: its rows are not changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $function$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_append_only();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OF id, source, delivery_id, digest, headers, body, received_at
    ON events_webhookdelivery FOR EACH ROW EXECUTE FUNCTION events_append_only();
"""

# SECURITY DEFINER: names are qualified, or a caller's temporary table would take their place.
# https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
RETENTION = """
DO $do$ BEGIN EXECUTE replace($create$
CREATE FUNCTION events_remove_deliveries(age interval, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE removed_rows bigint;
BEGIN
    IF age < interval '1 day' THEN
        RAISE EXCEPTION 'webhooks are kept for a day at least' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM set_config('onramp.retention', 'on', true);
    WITH old AS (
        SELECT id FROM SCHEMA.events_webhookdelivery
        WHERE received_at < statement_timestamp() - age AND handled_at IS NOT NULL
        ORDER BY received_at LIMIT most FOR UPDATE SKIP LOCKED
    ), removed AS (
        DELETE FROM SCHEMA.events_webhookdelivery AS delivery USING old WHERE delivery.id = old.id
        RETURNING delivery.source, octet_length(delivery.body) AS size
    ), freed AS (
        UPDATE SCHEMA.events_webhooksource AS source SET bytes = greatest(0, source.bytes - total.bytes), full_since = NULL
        FROM (SELECT removed.source AS name, sum(size) AS bytes FROM removed GROUP BY removed.source) AS total
        WHERE source.name = total.name
    )
    SELECT count(*) INTO removed_rows FROM removed;
    PERFORM set_config('onramp.retention', '', true);
    RETURN removed_rows;
END $function$
$create$, 'SCHEMA', quote_ident(current_schema())); END $do$;
"""
REMOVE = """
DROP TRIGGER append_only ON events_event;
DROP TRIGGER append_only ON events_webhookdelivery;
DROP FUNCTION events_append_only();
DROP FUNCTION events_remove_deliveries(interval, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="WebhookSource",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("bytes", models.BigIntegerField(help_text="what its stored bodies take")),
                ("full_since", models.DateTimeField(blank=True, help_text="refused since then", null=True)),
            ],
        ),
        migrations.RemoveConstraint(model_name="webhookdelivery", name="one_delivery"),
        migrations.AddField(
            model_name="webhookdelivery",
            name="digest",
            field=models.CharField(help_text="SHA-256 of the signed bytes", max_length=64),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="webhookdelivery",
            name="body",
            field=models.BinaryField(help_text="the signed bytes, compressed with zlib"),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery", index=models.Index(fields=["received_at"], name="delivery_by_age")
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.UniqueConstraint(fields=("source", "digest"), name="one_content"),
        ),
        migrations.RunSQL([APPEND_ONLY, RETENTION], REMOVE),
    ]
