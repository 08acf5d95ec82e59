"""The database's clock, which all workers share: a worker's own clock may be an hour off."""

from datetime import datetime

from database import prepared


def now() -> datetime:
    """The current time by the database's clock."""
    ((moment,),) = prepared.execute("SELECT statement_timestamp()", {})
    assert isinstance(moment, datetime)
    return moment
