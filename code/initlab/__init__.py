"""initlab: small networks that hide nothing, to see how they begin."""
