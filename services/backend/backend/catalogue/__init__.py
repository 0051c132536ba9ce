"""A read-only catalogue, shipped as data: the same in every replica, because there is no shared store."""
