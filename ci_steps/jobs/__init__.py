"""Plan + world -> Job: what the configuration names, bound to what steps ask for."""
