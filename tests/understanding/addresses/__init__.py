"""Addresses for the tests: real ones (addresses.jsonl) and ones that are made up (made.py)."""
