"""Real servers for the tests, unprivileged and on random loopback ports."""
