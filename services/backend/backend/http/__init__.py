"""What every endpoint shares: identity of a request, errors, bodies, methods."""
