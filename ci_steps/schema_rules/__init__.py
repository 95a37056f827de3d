"""What a schema allows, and what a change of it means in a request and in a response.

`schema` is a schema as a walker sees it: references followed, allOf merged.
"""
