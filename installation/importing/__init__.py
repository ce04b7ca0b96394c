"""Lists of people, as societies keep them in CSV and XLSX, put on the books."""
