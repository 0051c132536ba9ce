"""The Django application behind the gateway: stateless, identical in every replica."""

__version__ = "1.0.0"
