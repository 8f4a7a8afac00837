"""What events do to people on file: pure rules, no store, no clock."""
