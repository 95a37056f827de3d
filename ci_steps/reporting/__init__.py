"""What a run came to, as people and programs read it: a page, a summary, a form, a trace."""
