"""What callers of an HTTP API notice when its OpenAPI document changes.

`reading` makes an `Api` of a contract, `description` is what one can ask of it, `swagger` is what
is different in version 2.0. `called` finds the operation of a call, `used` the places that calls
use, `uses` which changes touch them.
"""
