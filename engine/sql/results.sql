SELECT name, result FROM engine_step WHERE run_id = %(run)s
