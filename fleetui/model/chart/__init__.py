"""History of figures: which moments are asked for, what comes back, and how it is drawn. Pure."""
