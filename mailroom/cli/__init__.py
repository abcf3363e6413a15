"""The commands of the mailroom: thin, each a few lines over the module that does the work.

Errors leave as one line on standard error that says what is wrong, where and what to do. Exit status: 0 done, 1 the
work found something wrong, 2 bad arguments or configuration. Nothing ever asks a question.
"""

from mailroom.cli.app import app
from mailroom.cli.entry import main

__all__ = ["app", "main"]
