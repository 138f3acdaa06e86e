"""The fault cases by theme, one function each. To add one, write its function and give it a line in its theme's CASES."""

from cases import daemons, files, leaving, loads, soak, traffic, workers

CASES = sorted((case for theme in (daemons, workers, loads, traffic, leaving, files, soak) for case in theme.CASES), key=lambda case: case.number)

# Of the list that the suite is made from: what is still to come, and why.
NOT_YET = {
    26: "slow connections (slowloris) come with the connection limits",
    28: "request framing has a suite of its own to come, with other servers in front",
    31: "needs edits of the registry under load",
    32: "needs edits of the registry under load",
    38: "browser requests come with the checks of Host and Origin",
}
