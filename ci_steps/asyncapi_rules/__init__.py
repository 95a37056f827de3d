"""What AsyncAPI says about channels and messages, and what a change of it means to callers.

`description` is the model, which `reader_2` and `reader_3` read; what a schema means is decided
by `schema_rules`. A message that the service receives is to callers what a request is, one that
it sends is what a response is.
"""
