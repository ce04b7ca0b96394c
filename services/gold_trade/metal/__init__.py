"""Metal: from the receipt at the pit to the bar, in two ledgers, gross and fine (principle 3)."""
