"""Entry -> Draft: writes the municipality's letters, and never sends them."""
