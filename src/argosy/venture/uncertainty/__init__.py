"""What the plan does not know: samples, tornado, Sobol indices, and what to measure next."""
