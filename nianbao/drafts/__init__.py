"""Drafts: a text with ×× where figures go, filled from the data; a finished one, checked."""
