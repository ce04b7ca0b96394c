"""Figures about metal: received, lost, assayed differently, held, cast, sent, in stock; each at any date on both axes."""
