"""Who owns what, from files that others keep: Backstage, CODEOWNERS, a directory of owners."""
