"""What the front end saw, by phase of the drill."""

import collections

COLUMNS = ("turns", "takeovers", "refusals", "conflicts", "asked again")


class Counts:
    def __init__(self):
        self.by_phase = {}
        self.kinds = collections.Counter()  # of failed tries
        self.begin("all is well")

    def begin(self, phase):
        """What happens from now on counts towards this phase."""
        self.phase = phase
        self.by_phase.setdefault(phase, collections.Counter())

    def add(self, column):
        self.by_phase[self.phase][column] += 1

    def without_owner(self, seconds):
        row = self.by_phase[self.phase]
        row["longest"] = max(row["longest"], seconds)

    def total(self, column):
        return sum(row[column] for row in self.by_phase.values())

    def longest(self):
        return max(row["longest"] for row in self.by_phase.values())

    def table(self):
        lines = [f"{'':28}" + "".join(f"{name:>13}" for name in COLUMNS) + f"{'longest without owner':>24}"]
        rows = [(name, row) for name, row in self.by_phase.items() if row["turns"]]
        total = {name: self.total(name) for name in COLUMNS} | {"longest": self.longest()}
        for name, row in [*rows, ("in all", total)]:
            lines.append(f"{name:28}" + "".join(f"{row[c]:13}" for c in COLUMNS) + f"{1000 * row['longest']:21.0f} ms")
        return "\n".join(lines)
