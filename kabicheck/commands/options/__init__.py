"""Groups of options that several commands have, each with what makes plain data of them."""
