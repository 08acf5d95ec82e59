UPDATE integrations_providerlimit SET failures = 0, paused_until = NULL, reason = '' WHERE name = %(provider)s
