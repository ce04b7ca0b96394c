"""Pages for people, which gold_trade serves itself."""
