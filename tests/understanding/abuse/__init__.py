"""Abusive, reported and ordinary sentences, and the ways in which abuse is typed."""
