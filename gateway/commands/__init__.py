"""The local half of the command line; the half that calls a gateway is in ``clients/cli.py``."""
