"""What makes parts of the repository anew, and is no part of the program."""
