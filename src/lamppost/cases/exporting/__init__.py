"""Writing cases out in the formats others read."""
