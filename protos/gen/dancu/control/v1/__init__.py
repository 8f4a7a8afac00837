"""Generated from protos/dancu by `make proto`; never edited."""
