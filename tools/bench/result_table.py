"""What the tables of results are made of."""

from statistics import median


def spread(values: list[float], digits: int) -> dict[str, float]:
    return {"median": round(median(values), digits), "smallest": round(min(values), digits),
            "largest": round(max(values), digits)}


def interval(value: dict[str, float], factor: float = 1) -> str:
    """A spread as "2.00 [1.50, 2.50]", times a factor such as 100 for percent."""
    middle, smallest, largest = (factor * value[name] for name in ("median", "smallest", "largest"))
    return f"{middle:.2f} [{smallest:.2f}, {largest:.2f}]"


def cells(*values: str) -> str:
    return f"| {' | '.join(values)} |"
