"""Membership as people read it: pages in French with English beside, plain and quick."""
