"""The APIs of CI hosts, which more than one host may ask."""
