"""Errors named by what happens next. Each carries the one sentence that its reader needs."""


class MailroomError(Exception):
    """Base of all errors that are raised on purpose."""


class TryAgain(MailroomError):
    """Something outside did not answer; the step is repeated later. The sentence goes to log and health page."""


class NeedsPerson(MailroomError):
    """No repetition helps; a person must look. The sentence, in Bulgarian, is shown on the item."""


class Misconfigured(MailroomError):
    """Configuration or rule pack is wrong: file, place, remedy in one line. Exit status 2, before anything starts."""


class Unreachable(Misconfigured):
    """The database does not answer when it is opened. Its address may be wrong, which a command says with status 2; or
    it starts later than we do, for which a service waits."""


class Damaged(MailroomError):
    """The register's own file is not what was written. A person restores a backup; nothing is repeated."""


class BadRequest(MailroomError):
    """A person asked for something that cannot be done. The sentence says why and what can be done instead."""


class Conflict(BadRequest):
    """Somebody else has changed the item since it was shown."""


class Unsure(MailroomError):
    """The other side fell silent after it had everything: nobody knows what it did, so only a person repeats it."""


def exit_status(error: MailroomError) -> int:
    """Of a command that ends with it: 2 for what is wrong with arguments or configuration, else 1."""
    return 2 if isinstance(error, Misconfigured) else 1
