-- Prepared, as planning looks at every partition of the events, and reading finds one of them.
SELECT count(*) FROM events_event
WHERE type = 'onramp.step.unknown_error' AND time > statement_timestamp() - interval '1 day'
