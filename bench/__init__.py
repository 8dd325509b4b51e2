"""What checks cost: ratios against a floor in C and against other checkers, in one run."""
