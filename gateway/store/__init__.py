"""The gateway's own records: log, access rows, usage, keys. Not the register."""
