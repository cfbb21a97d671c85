"""Cancer: evidence levels, tiers, two-hit genes."""
