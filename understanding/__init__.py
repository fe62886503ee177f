"""How a message is understood: sentence vectors, n-grams and linear models on top.

Shared by Rasa's components (Python 3.10) and by web, which screens and searches while Rasa is down. Knows nothing of either.
"""
