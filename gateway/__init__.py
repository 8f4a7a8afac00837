"""The gateway: authenticated calls in, signed and recorded answers out."""

import os

# gRPC logs a line for every failed handshake, by its own setting, which it reads when it is
# imported: anybody who reaches the port could fill the disk
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
