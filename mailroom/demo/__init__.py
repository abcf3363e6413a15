"""A town hall for trying out: an invented town, its letters, and what starts it."""
