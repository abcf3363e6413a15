"""The interface for the town's other systems: read the register, and register letters, behind the same rights."""
