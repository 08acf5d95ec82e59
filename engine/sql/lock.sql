-- Changes of one run happen one after the other: a statement that decides by the states of
-- several steps holds its row first.
SELECT FROM engine_run WHERE id = %(run)s FOR NO KEY UPDATE
