"""How fast crmkit is, as ratios to the best code on the bare driver: `python -m benchmarks`."""
