"""Measures defined once, and the reviews that look at them."""
