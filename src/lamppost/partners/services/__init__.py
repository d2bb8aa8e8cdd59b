"""The only writers of partners' rows."""
