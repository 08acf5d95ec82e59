SELECT rows, bytes, oldest, newest FROM events_removable(%(age)s)
