"""The service as systemd knows it: the units that are written, and the manager that is asked."""
