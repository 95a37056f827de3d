"""Files of a contract -> values that know where they stand.

`json_file` and `yaml_file` read a text in parts, so that two releases share what is equal and a
place is looked for only in its part; `node` is a value at its place, `library` reads the files of
a contract and follows `$ref` between them.
"""
