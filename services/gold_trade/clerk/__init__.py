"""Metal as people read it: stock and balance, where a lot came from and went, and the clerk's consignments."""
