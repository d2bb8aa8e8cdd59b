"""Finding places by what people write, from the city's own street and address files."""
