UPDATE integrations_providerlimit SET busy_until = NULL WHERE name = %(provider)s AND busy_until = %(until)s
