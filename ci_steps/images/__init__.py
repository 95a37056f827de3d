"""Container images: how they are named and labelled, and what every engine does alike.

The digest of an image is that of its manifest in the registry once it was pushed. An image
that stays on its machine has no manifest, and its id, the digest of its configuration, is
taken instead.
"""
