"""Pipeline steps for microservices, and the dictionary of who depends on whom."""

__version__ = "0.1.0"
# Where releases are; `make coordinates REPOSITORY=…` writes it here and into all that names it.
__repository__ = "OWNER/ci-steps"
