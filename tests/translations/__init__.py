"""The message catalogs: what every language's interface must keep to."""
