"""Tasks: what the desk does in more than one turn. What a task decides is plain Python on plain data; it knows neither Rasa nor web.

A message goes in at `desk.tasks.attending`; state is kept in our own database (docs/decisions/0012).
"""
