"""The only writers of inspections and of partners' links."""
