"""Which commit changed what: suspects, the search among commits, and how much of it was shown."""
