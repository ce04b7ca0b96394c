"""What a stranger reads to use the system: quick start, references, errors, rights; without internet."""
