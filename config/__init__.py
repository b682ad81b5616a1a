"""What the user wrote: read, checked, and turned into the types of `rules`; the JSON Schema; the starter files."""
