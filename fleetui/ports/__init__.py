"""The doors: the Protocols through which rooms meet. No behaviour lives here."""
