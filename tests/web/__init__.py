"""The pages: over real HTTP, in real Chromium, on a real register of the invented town."""
