"""A report for a bug with nothing personal in it: built from words of our own and numbers, and searched before it leaves."""
