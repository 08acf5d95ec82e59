-- Prepared, as planning looks at every partition of the events, and reading finds one of them.
SELECT type, count(*) FROM events_event
WHERE type IN ('onramp.step.unknown_error', 'onramp.step.quarantined', 'onramp.run.stranded')
    AND time > statement_timestamp() - interval '1 day'
GROUP BY type
