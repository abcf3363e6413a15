"""The one door through which everything comes in."""
