"""Facts -> words: pages, and the forms that channels show them in."""
