"""figures.py: medians, spread and tables in Markdown."""
import math
import statistics


def median(values):
    return statistics.median(values) if values else math.nan


def quartiles(values):
    """First and third quartile; the extremes when there are fewer than four values."""
    if len(values) < 4:
        return (min(values), max(values)) if values else (math.nan, math.nan)
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def spread(values, form="%.2f"):
    """'1.03 (1.01–1.06)': median and quartiles."""
    if not values:
        return "–"
    low, high = quartiles(values)
    return ("%s (%s–%s)" % (form, form, form)) % (median(values), low, high)


def ratio_form(values):
    """Fewer decimals for large ratios."""
    middle = median(values) if values else 0
    return spread(values, "%.3f" if middle < 2 else "%.1f" if middle < 20 else "%.0f")


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
