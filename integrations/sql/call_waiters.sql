-- Calls as many of those who were sent away as the line has room for, each once, and drops places that nobody came for.
WITH dropped AS (
    DELETE FROM integrations_place WHERE provider = %(provider)s AND kept_until <= statement_timestamp()
), places AS (
    SELECT p.id, p.number, p.called_at,
        p.present_until > statement_timestamp() OR coalesce(p.id = l.turn AND l.busy_until > statement_timestamp(), false)
            AS present
    FROM integrations_place p LEFT JOIN integrations_providerlimit l ON l.name = p.provider
    WHERE p.provider = %(provider)s AND p.kept_until > statement_timestamp()
), room AS (
    SELECT greatest(0, %(line)s - count(*)) AS places FROM places
    WHERE present OR called_at > statement_timestamp() - make_interval(secs => %(coming)s)
), called AS (
    SELECT id FROM integrations_place
    WHERE id IN (SELECT id FROM places WHERE NOT present AND called_at IS NULL) AND called_at IS NULL
    ORDER BY number, id LIMIT (SELECT places FROM room) FOR UPDATE SKIP LOCKED
)
UPDATE integrations_place p SET
    called_at = statement_timestamp(),
    kept_until = least(p.kept_until, statement_timestamp() + make_interval(secs => %(kept)s))
FROM called WHERE p.id = called.id
RETURNING p.id, p.waiter
