"""What is read of inspections and partners' links."""
