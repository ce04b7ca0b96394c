"""Where gold is worked: sites, and the corridors opened for them (Loi 2023-040; ML-02, ML-04)."""
