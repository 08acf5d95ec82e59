"""Events in partitions by their id, so that old ones leave as whole tables, and what is kept of them stays in its place.

Ids grow with time and are positions of subscribers, so a range of ids is a stretch of time. Events that exist already become
the first partition: nothing is copied. Statements that workers have prepared are planned again by the server.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SWAP = """
LOCK TABLE events_event IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER append_only ON events_event;
ALTER TABLE events_event RENAME TO events_event_0;
ALTER TABLE events_event_0 RENAME CONSTRAINT events_event_pkey TO events_event_0_pkey;
ALTER INDEX event_by_subject RENAME TO events_event_0_event_by_subject;
ALTER INDEX event_of_joining RENAME TO events_event_0_event_of_joining;
ALTER INDEX event_of_fault RENAME TO events_event_0_event_of_fault;
ALTER INDEX event_by_person RENAME TO events_event_0_event_by_person;
ALTER INDEX event_by_login RENAME TO events_event_0_event_by_login;
ALTER INDEX event_of_act RENAME TO events_event_0_event_of_act;
CREATE SEQUENCE events_event_position AS bigint;
-- An identity needs no right on its sequence, and a partitioned table has no identity before PostgreSQL 17.
GRANT USAGE ON SEQUENCE events_event_position TO PUBLIC;
SELECT setval('events_event_position', last_value, is_called) FROM events_event_id_seq;
ALTER TABLE events_event_0 ALTER COLUMN id DROP IDENTITY;
ALTER SEQUENCE events_event_position RENAME TO events_event_id_seq;
CREATE TABLE events_event (LIKE events_event_0 INCLUDING DEFAULTS) PARTITION BY RANGE (id);
ALTER TABLE events_event ALTER COLUMN id SET DEFAULT nextval('events_event_id_seq');
ALTER TABLE events_event ADD CONSTRAINT events_event_pkey PRIMARY KEY (id);
ALTER SEQUENCE events_event_id_seq OWNED BY events_event.id;
DO $do$ DECLARE right_ record; BEGIN
    FOR right_ IN
        SELECT privilege_type AS name, CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS who
        FROM pg_class, aclexplode(relacl) WHERE oid = 'events_event_0'::regclass AND grantee <> relowner
    LOOP EXECUTE format('GRANT %s ON events_event TO %s', right_.name, right_.who); END LOOP;
END $do$;
"""

# The first partition holds what exists, and ends at the next full step.
ATTACH = """
DO $do$ DECLARE step CONSTANT bigint := 100000; BEGIN
    EXECUTE format('ALTER TABLE events_event ATTACH PARTITION events_event_0 FOR VALUES FROM (0) TO (%s)',
        (SELECT (last_value / step + 1) * step FROM events_event_id_seq));
END $do$;
CREATE TABLE events_event_default PARTITION OF events_event DEFAULT;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_append_only();
"""

# SECURITY DEFINER: names are qualified, or a caller's temporary table would take their place.
# https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
# The locks of https://www.postgresql.org/docs/current/sql-altertable.html are waited for briefly, and held for moments:
# a function that does not get one raises `lock_not_available` and has changed nothing.
FUNCTIONS = """
CREATE FUNCTION events_is_kept(source text, type text, person text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $function$
    SELECT person <> '' OR source <> 'onramp' OR (type NOT LIKE 'onramp.step.%' AND type NOT LIKE 'onramp.message.%')
$function$;

CREATE FUNCTION events_partitions() RETURNS TABLE (part regclass, lower bigint, upper bigint, is_kept boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT c.oid::regclass, bounds[1]::bigint, bounds[2]::bigint, c.relname LIKE 'events\\_event\\_kept\\_%'
    FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
    LEFT JOIN LATERAL regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$FROM \\('?(\\d+)'?\\) TO \\('?(\\d+)'?\\)$re$) bounds ON true
    WHERE inhparent = 'SCHEMA.events_event'::regclass
    ORDER BY bounds[1]::bigint
$function$;

-- A month's events in full steps, by the oldest event of the partition before the current one: at most ten steps.
CREATE FUNCTION events_partition_width(here bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    step CONSTANT bigint := 100000;
    earlier regclass;
    first_id bigint;
    first_time timestamptz;
BEGIN
    SELECT part INTO earlier FROM SCHEMA.events_partitions() WHERE lower <= here AND NOT is_kept ORDER BY lower DESC OFFSET 1 LIMIT 1;
    IF earlier IS NULL THEN
        SELECT part INTO earlier FROM SCHEMA.events_partitions() WHERE lower <= here AND NOT is_kept ORDER BY lower DESC LIMIT 1;
    END IF;
    IF earlier IS NOT NULL THEN
        EXECUTE format('SELECT id, time FROM %s ORDER BY id LIMIT 1', earlier) INTO first_id, first_time;
    END IF;
    RETURN step * least(10, greatest(1, ceil(
        coalesce(here - first_id, 0) * 2592000.0 / greatest(3600, extract(epoch FROM statement_timestamp() - first_time)) / step
    )));
END $function$;

CREATE FUNCTION events_add_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $function$
DECLARE
    step CONSTANT bigint := 100000;
    here bigint;
    edge bigint;
    next_edge bigint;
    caught bigint;
    added integer := 0;
BEGIN
    LOCK TABLE ONLY SCHEMA.events_event IN SHARE UPDATE EXCLUSIVE MODE;
    SELECT last_value INTO here FROM SCHEMA.events_event_id_seq;
    SELECT max(upper) INTO edge FROM SCHEMA.events_partitions();
    SELECT max(id) INTO caught FROM SCHEMA.events_event_default;
    IF caught >= edge THEN -- nobody added a partition in time: what the default one caught becomes the next
        next_edge := (greatest(caught, here) / step + 1) * step;
        ALTER TABLE SCHEMA.events_event DETACH PARTITION SCHEMA.events_event_default;
        EXECUTE format('ALTER TABLE SCHEMA.events_event_default RENAME TO events_event_%s', edge);
        EXECUTE format('ALTER TABLE SCHEMA.events_event ATTACH PARTITION SCHEMA.events_event_%s FOR VALUES FROM (%s) TO (%s)',
            edge, edge, next_edge);
        CREATE TABLE SCHEMA.events_event_default PARTITION OF SCHEMA.events_event DEFAULT;
        edge := next_edge;
        added := added + 1;
    END IF;
    WHILE (SELECT max(lower) FROM SCHEMA.events_partitions()) <= here LOOP -- one lies ahead, whole and empty
        next_edge := greatest(edge + SCHEMA.events_partition_width(here), (here / step + 1) * step);
        EXECUTE format('CREATE TABLE SCHEMA.events_event_%s (LIKE SCHEMA.events_event INCLUDING DEFAULTS)', edge);
        EXECUTE format('ALTER TABLE SCHEMA.events_event ATTACH PARTITION SCHEMA.events_event_%s FOR VALUES FROM (%s) TO (%s)',
            edge, edge, next_edge);
        edge := next_edge;
        added := added + 1;
    END LOOP;
    RETURN added;
END $function$;

-- The oldest partition, if all of it is older than the age.
CREATE FUNCTION events_old_partition(age interval, after bigint) RETURNS TABLE (part regclass, lower bigint, upper bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    here bigint;
    newest timestamptz;
BEGIN
    IF age < interval '7 days' THEN
        RAISE EXCEPTION 'events are kept for seven days at least' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT last_value INTO here FROM SCHEMA.events_event_id_seq;
    SELECT p.part, p.lower, p.upper INTO part, lower, upper FROM SCHEMA.events_partitions() p
    WHERE NOT p.is_kept AND p.lower >= after AND p.upper <= here ORDER BY p.lower LIMIT 1;
    IF part IS NULL THEN RETURN; END IF;
    EXECUTE format('SELECT time FROM %s ORDER BY id DESC LIMIT 1', part) INTO newest;
    IF newest IS NULL OR newest < statement_timestamp() - age THEN RETURN NEXT; END IF;
END $function$;

CREATE FUNCTION events_removable(age interval, OUT rows bigint, OUT bytes bigint, OUT oldest timestamptz, OUT newest timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    old record;
    here record;
    after bigint := 0;
BEGIN
    rows := 0;
    bytes := 0;
    LOOP
        SELECT * INTO old FROM SCHEMA.events_old_partition(age, after);
        EXIT WHEN NOT FOUND;
        EXECUTE format(
            'SELECT count(*) AS rows, coalesce(sum(pg_column_size(e.*)), 0)::bigint AS bytes, min(time) AS oldest, max(time) AS newest '
            'FROM %s e WHERE NOT SCHEMA.events_is_kept(source, type, person)', old.part) INTO here;
        rows := rows + here.rows;
        bytes := bytes + here.bytes;
        oldest := least(oldest, here.oldest);
        newest := greatest(newest, here.newest);
        after := old.upper;
    END LOOP;
END $function$;

-- Removes the oldest partition and returns how many events that were; NULL where none is old enough. What is kept of it moves
-- to a partition of the same range, together with what was kept of the one before while that is small.
CREATE FUNCTION events_remove_partition(age interval) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $function$
DECLARE
    small CONSTANT bigint := 200000;
    old record;
    earlier record;
    earlier_rows bigint := 0;
    total bigint;
    kept bigint;
    name text;
    first bigint;
BEGIN
    LOCK TABLE ONLY SCHEMA.events_event IN SHARE UPDATE EXCLUSIVE MODE;
    SELECT * INTO old FROM SCHEMA.events_old_partition(age, 0);
    IF NOT FOUND THEN RETURN NULL; END IF;
    first := old.lower;
    SELECT * INTO earlier FROM SCHEMA.events_partitions() p WHERE p.is_kept AND p.upper = old.lower;
    IF FOUND THEN
        EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT %s) few', earlier.part, small) INTO earlier_rows;
        first := CASE WHEN earlier_rows < small THEN earlier.lower ELSE old.lower END;
    END IF;
    name := format('events_event_kept_%s_%s', first, old.upper);
    EXECUTE format('CREATE TABLE SCHEMA.%I (LIKE SCHEMA.events_event INCLUDING DEFAULTS INCLUDING INDEXES, '
        'CONSTRAINT bounds CHECK (id IS NOT NULL AND id >= %s AND id < %s))', name, first, old.upper);
    EXECUTE format('INSERT INTO SCHEMA.%I SELECT * FROM %s WHERE SCHEMA.events_is_kept(source, type, person)', name, old.part);
    GET DIAGNOSTICS kept = ROW_COUNT;
    IF first < old.lower THEN
        EXECUTE format('INSERT INTO SCHEMA.%I SELECT * FROM %s', name, earlier.part);
    END IF;
    EXECUTE format('SELECT count(*) FROM %s', old.part) INTO total;
    EXECUTE format('ALTER TABLE SCHEMA.events_event DETACH PARTITION %s', old.part);
    IF first < old.lower THEN
        EXECUTE format('ALTER TABLE SCHEMA.events_event DETACH PARTITION %s', earlier.part);
    END IF;
    EXECUTE format('ALTER TABLE SCHEMA.events_event ATTACH PARTITION SCHEMA.%I FOR VALUES FROM (%s) TO (%s)', name, first, old.upper);
    EXECUTE format('ALTER TABLE SCHEMA.%I DROP CONSTRAINT bounds', name);
    EXECUTE format('DROP TABLE %s', old.part);
    IF first < old.lower THEN
        EXECUTE format('DROP TABLE %s', earlier.part);
    END IF;
    RETURN total - kept;
END $function$;
"""


def create_indexes(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As Django would create them: attaching a partition finds that its indexes are the same, and builds none."""
    model = apps.get_model("events", "Event")
    for index in model._meta.indexes:
        schema_editor.add_index(model, index)


def create_functions(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        ((schema,),) = cursor.fetchall()
        cursor.execute(FUNCTIONS.replace("SCHEMA.", f"{schema}."))
        cursor.execute("SELECT events_add_partitions()")


class Migration(migrations.Migration):
    dependencies = [("events", "0004_indexes")]

    operations = [
        migrations.RunSQL(SWAP),
        migrations.RunPython(create_indexes),
        migrations.RunSQL(ATTACH),
        migrations.RunPython(create_functions),
    ]
