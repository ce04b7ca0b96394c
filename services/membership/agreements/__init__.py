"""Agreements with partners: who signed what, until when, and what was delivered."""
