"""Reading: original bytes become a Letter: text, pages, mail header, attachments, faults. Nothing here decides."""
