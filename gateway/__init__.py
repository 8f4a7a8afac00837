"""The gateway: authenticated calls in, signed and recorded answers out."""
