"""What the tests of this folder share, read once."""

from mailroom.config import packaged
from mailroom.understanding.knowledge import load_knowledge

RULES = packaged("rules")
KNOWLEDGE = load_knowledge(RULES)
