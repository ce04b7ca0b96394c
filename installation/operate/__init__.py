"""What an operator does from the command line: look, mend, keep copies, put them back."""
