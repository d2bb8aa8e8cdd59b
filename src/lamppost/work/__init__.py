"""Work items, checklists, macros: what departments do within a case."""
