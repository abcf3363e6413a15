"""What breaks in a town hall, by name, and what must hold afterwards."""
