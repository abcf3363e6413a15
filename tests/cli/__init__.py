"""The commands as a new user would use them: real processes, real files."""
