"""The steps of a pipeline, one module each; `ci_steps.registry` gives them their names."""
