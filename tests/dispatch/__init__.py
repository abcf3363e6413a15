"""Letters leave, and what comes back is understood."""
