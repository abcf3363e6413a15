"""Letter -> Findings: what a letter says, found by rules that a clerk can read and each with the words that show it."""
