"""May these versions go to that environment, why not, and what would make it a yes."""
