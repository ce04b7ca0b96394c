"""Figures about membership: who belongs, since when, what is on record and what is to check; each at any date on both axes."""
