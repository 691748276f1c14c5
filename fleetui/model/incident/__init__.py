"""An incident: when it began, what happened in which order, who did what, what is left to do. Our own record."""
