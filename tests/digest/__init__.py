"""The mayor's office digest."""
