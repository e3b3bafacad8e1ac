"""What script/bench runs: cases in rounds, checks, medians, the report."""
