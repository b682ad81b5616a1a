"""What all that is asked of Google has in common: permission, the one transport, its list, and its errors."""
