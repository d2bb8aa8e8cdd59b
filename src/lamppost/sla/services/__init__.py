"""Changing what is promised: the only writers of proposals and published versions."""
