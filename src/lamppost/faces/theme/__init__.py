"""Templates, tags and components every face shows; loaded by name, imported by none."""
