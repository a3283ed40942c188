"""Records in and out: plain data and JSON, CSV, workbooks, vCards, Outlook's CSV, address books."""
