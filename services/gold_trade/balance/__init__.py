"""What the books say of metal: accounts, stock and consignments, to each reader what is theirs to see (principle 7)."""
