"""The asynchronous stories: what happens to a call between the edge and the stores."""
