"""The way of the tables from each released schema to the present one."""
