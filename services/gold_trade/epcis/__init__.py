"""GS1 EPCIS 2.0: what happened to metal, in the words of the trade's standard (ISO/IEC 19987:2024)."""
