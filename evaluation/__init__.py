"""How well the desk understands, how fast it is, and how it compares."""
