"""Letters: what they say, how they look, and to whom a machine may write."""
