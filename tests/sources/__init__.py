"""Where post comes in."""
