"""Devices that record where there is no network: each numbers and signs what it records, and sends it when it can."""
