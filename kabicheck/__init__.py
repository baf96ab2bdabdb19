"""kabicheck: which exported symbol versions of a Linux kernel changed, why, and who changed them."""

__version__ = "0.1.0"
