"""What the office learns from its staff's corrections, on this machine alone."""
