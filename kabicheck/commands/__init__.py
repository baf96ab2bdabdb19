"""The commands: options in, exit status out. Each is imported only when it is asked for."""
