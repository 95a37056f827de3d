"""How contacts are reached, one module per channel; `protocols.Channel` is their shape."""
