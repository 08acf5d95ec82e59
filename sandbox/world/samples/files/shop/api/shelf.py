"""What is on the shelf."""

STOCK = {"Apples": 12, "Figs": 0, "Pears": 3}


def shelf() -> list[dict]:
    return [{"name": name, "left": left} for name, left in sorted(STOCK.items())]


def sell(name: str) -> bool:
    """Take one off the shelf; False when there is none."""
    if STOCK.get(name, 0) < 1:
        return False
    STOCK[name] -= 1
    return True
