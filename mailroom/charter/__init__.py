"""What the charter makes of a letter: rule packs as data, named checks, one ordered table."""
