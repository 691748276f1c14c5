"""Tables as values: which columns, in which order, filtered and grouped how. Knows no screen and no clock."""
