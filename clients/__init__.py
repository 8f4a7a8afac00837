"""What runs at the caller's side: it knows the contract, and nothing of the gateway's inside."""
