"""Other programs that check hosts, run as their manuals say, as contenders."""
