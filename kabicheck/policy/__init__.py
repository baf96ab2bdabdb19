"""Which differences count: grades, lists of what is stable, and waivers. Pure functions over a comparison."""
