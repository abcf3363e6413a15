"""Outgoing -> the world: SMTP, a folder of mails, the print run; and what comes back undelivered."""
