"""What callers of a GraphQL API notice when its schema changes.

`reading` makes a schema of files, `rules` names what graphql-core finds and adds what it
does not look at, `places` says where. `used` finds what operations use of a schema, `uses`
which changes touch that.
"""
