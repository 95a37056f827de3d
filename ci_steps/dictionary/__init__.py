"""Who owns what, what was released, what runs where, what needs what, and the evidence for it."""
