"""Pages for people: the staff's desk behind a log-in, and the citizens' status page as an application of its own."""
