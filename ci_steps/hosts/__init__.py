"""CI systems: what each knows about a job, and how it is told what came of it."""
