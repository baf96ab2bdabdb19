"""What every document of a format has to be like, whatever the report holds: for tests of formats and of commands."""
