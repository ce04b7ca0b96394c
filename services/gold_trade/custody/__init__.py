"""Custody: who holds the metal, under which seal, handed over by whom to whom; ownership is another thing."""
