"""The loyalty index: scales, intervals, the row model, the estimator and what it is made of."""
