"""Ways to read which version of a provider runs or exists."""
