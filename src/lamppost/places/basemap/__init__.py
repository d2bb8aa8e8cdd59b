"""The ground of the maps, built from a city's own files and served by us."""
