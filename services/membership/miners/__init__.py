"""Miners: who works the gold, under a pseudonym; who they are is sealed."""
