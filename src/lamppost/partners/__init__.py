"""Partner systems: cases handed over, delivered, answered and reconciled."""
