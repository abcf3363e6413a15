"""The tests of mailroom; their folders mirror the stages, servers/ holds what is started beside them."""
