"""What callers of a Thrift service notice when its interface changes.

`reading` turns files into values with thriftpy2's parser, `field_rules` and `type_rules`
compare them.
"""
