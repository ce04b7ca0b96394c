"""Assays between seller and buyer: a contract's limits, a consignment, and results that nobody sees before both have bound themselves."""
