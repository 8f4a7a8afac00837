"""Where the register lives: its schema, the rows of its tables, and its stores."""
