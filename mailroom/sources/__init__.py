"""Where post comes in: IMAP mailboxes, Maildirs, scan folders, files that are handed over. `table.py` lists them."""
