"""What callers of a protobuf or gRPC API notice, as `buf breaking` finds it.

`sources` chooses the files, `buf` runs the program, `places` finds the old side of a change,
`uses` which changes touch those who compile only a part of it.
"""
