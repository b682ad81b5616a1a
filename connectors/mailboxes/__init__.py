"""Where drafts are laid down, and where mail tells what became of them."""
