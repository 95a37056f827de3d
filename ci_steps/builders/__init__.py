"""The tools that build images, one module each; `ci_steps.registry` gives them their names."""
