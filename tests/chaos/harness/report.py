"""Sums of rounds, as a table and as JSON."""

import json

SUMS = ("operations", "histories", "acknowledged", "across", "conflicts", "failed", "unknown", "resolved",
        "undecidable", "lost", "violations", "late")
COLUMNS = (("rounds", "rounds"), ("operations", "operations"), ("conflicts", "conflicts"), ("not done", "failed"),
           ("unknown", "unknown"), ("resolved", "resolved"), ("back, median", "recovered_median_ms"),
           ("back, worst", "recovered_worst_ms"), ("longest call", "longest_ms"), ("late", "late"), ("lost", "lost"),
           ("wrong", "violations"))


def label(one):
    return " + ".join(sorted(one["faults"]))


def lost(one):
    return one["lost_appends"] + one["lost_versions"]


def wrong(one):
    """Why the round is not what was promised; empty when it is."""
    if one["control"]:
        return "" if one["lost_appends"] else "the control lost nothing that the harness saw"
    if lost(one):
        return one["first_loss"]
    return one["violation"] or one["list_violation"] or too_calm(one) or leaking(one)


def leaking(one):
    """Two stores of four connections, each with a proxy at most, and what the program itself has open."""
    return f"{one['descriptors']} descriptors are open in the driver" if one["descriptors"] > 64 else ""


def too_calm(one):
    few = one["conflicts"] * 30 < one["operations"] or one["overlapping"] * 30 < one["operations"]
    return f"too few conflicts for a proof: {one['conflicts']} of {one['operations']}" if few else ""


def sums(rounds):
    total = {"rounds": len(rounds)}
    for name in SUMS:
        total[name] = sum(lost(one) if name == "lost" else one[name] for one in rounds)
    times = sorted(one["recovered_ms"] for one in rounds) or [0]
    total |= {"recovered_median_ms": times[len(times) // 2], "recovered_worst_ms": times[-1],
              "longest_ms": max((one["longest_ms"] for one in rounds), default=0)}
    return total


def by_fault(rounds):
    kinds = {}
    for one in rounds:
        key = label(one) if len(one["faults"]) == 1 else "pairs"
        kinds.setdefault(key, []).append(one)
    return {key: sums(kinds[key]) for key in sorted(kinds, key=lambda k: (k == "pairs", k))}


def table(rounds):
    lines = [["fault", *(head for head, _ in COLUMNS)]]
    promised = [one for one in rounds if not one["control"]]
    control = [one for one in rounds if one["control"]]
    for key, total in [*by_fault(promised).items(), ("all", sums(promised)), *by_fault(control).items()]:
        lines.append([key, *(str(total[name]) + (" ms" if name.endswith("_ms") else "") for _, name in COLUMNS)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(w) if i == 0 else cell.rjust(w)
                               for i, (cell, w) in enumerate(zip(line, widths))) for line in lines)


def as_json(rounds, facts):
    promised = [one for one in rounds if not one["control"]]
    return json.dumps(facts | {"all": sums(promised), "faults": by_fault(rounds), "rounds": rounds}, indent=1)
