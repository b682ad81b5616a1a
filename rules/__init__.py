"""What to write, to whom and when. Pure: no I/O, no clock, no global state; knows no other room of the house."""
