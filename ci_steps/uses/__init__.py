"""What a dependent uses of a provider: the calls it makes, the fields it sends and reads.

`values` are what is known, `operations` and `pact` read it from what people and tests write,
`files` finds those in the folder of a service. Whatever a use leaves out is not known, and
never "not used".
"""
