"""`./sanu simulate`: a national life of metal that never was, from one seed, through the same doors as a real one."""
