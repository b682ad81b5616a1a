"""Where people are kept: address books of many kinds, read and never written."""
