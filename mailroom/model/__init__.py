"""The nouns of the mailroom: frozen values without input or output, which the stages hand to each other."""
