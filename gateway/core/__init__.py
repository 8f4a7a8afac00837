"""Pure decisions: no I/O, no clock, no async, no gRPC."""
