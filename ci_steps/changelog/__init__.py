"""The change log of a service: what was released, what runs and who needs it, and what will end.

`document` says what stands in it, and `forms` makes its JSON, its schema and its reader of that.
`building` gathers it, `checking` judges it; `markdown_text`, `page` and `site` show it.
"""
