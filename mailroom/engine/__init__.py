"""What keeps items moving. Nothing of it leaks: the stages do not know that they are driven."""
