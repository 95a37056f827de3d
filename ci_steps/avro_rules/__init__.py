"""What readers and writers of Avro data notice when a schema changes.

`reading` makes schemas of files with the `avro`
library, `resolution` compares one pair, reader and writer.
"""
