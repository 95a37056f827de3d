"""Pipeline steps for microservices, and the dictionary of who depends on whom."""

__version__ = "0.1.0"
