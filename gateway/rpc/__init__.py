"""The gRPC edge: bytes in, bytes out, errors mapped. Nothing is decided here."""
