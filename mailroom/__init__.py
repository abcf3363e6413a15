"""mailroom: the mailroom (деловодство) of a Bulgarian municipality."""
