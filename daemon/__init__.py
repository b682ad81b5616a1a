"""The service that ties the rooms together: the cycle, the ledger, the command line."""
