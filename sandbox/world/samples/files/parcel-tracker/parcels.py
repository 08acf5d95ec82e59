"""The parcels and where they are."""

from dataclasses import dataclass

STATIONS = ("packed", "picked up", "sorting centre", "out for delivery", "delivered")


@dataclass
class Parcel:
    number: str
    town: str
    station: int = 0

    @property
    def where(self) -> str:
        return STATIONS[self.station]

    @property
    def delivered(self) -> bool:
        return self.station == len(STATIONS) - 1

    def move(self) -> None:
        """One station on; a delivered parcel stays where it is."""
        self.station = min(self.station + 1, len(STATIONS) - 1)


PARCELS = {
    one.number: one
    for one in (
        Parcel("AC-1001", "Lisbon", 2),
        Parcel("AC-1002", "Oslo", 3),
        Parcel("AC-1003", "Ghent", 4),
        Parcel("AC-1004", "Turin"),
    )
}


def under_way() -> int:
    return sum(not one.delivered for one in PARCELS.values())
