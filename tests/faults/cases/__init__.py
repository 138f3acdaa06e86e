"""The fault cases by theme, one function each. To add one, write its function and give it a line in its theme's CASES."""

from cases import browsers, daemons, edits, files, framing, fronts, leaving, loads, slow, soak, traffic, workers

THEMES = (browsers, daemons, edits, files, framing, fronts, leaving, loads, slow, soak, traffic, workers)
CASES = sorted((case for theme in THEMES for case in theme.CASES), key=lambda case: case.number)
