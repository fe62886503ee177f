"""The desk's actions, served by rasa-sdk in the desk's own environment."""

from bot.actions import replies

__all__ = ["replies"]
