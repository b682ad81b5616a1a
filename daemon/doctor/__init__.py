"""A report for a bug with nothing personal in it: made of our own words and numbers, searched before it leaves."""
