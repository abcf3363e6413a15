"""The mayor's office digest: what is urgent, late, nearly due and waiting; one more letter in the outbox."""
