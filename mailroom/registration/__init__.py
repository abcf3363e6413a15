"""From a verdict to a line of the register: number, two terms, who works on it. Pure."""
