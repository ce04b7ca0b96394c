"""Findings: where what is recorded and a rule of law do not agree; never verdicts (principle 2)."""
