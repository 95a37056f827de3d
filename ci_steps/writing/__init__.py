"""Text as its readers need it: Markdown, HTML, JSON, the word that was meant, secrets masked."""
