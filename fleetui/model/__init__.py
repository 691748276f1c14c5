"""The nouns and the rules: frozen values and pure functions. No I/O, no clock: time is an argument.

Values are ``msgspec.Struct``: they cost the garbage collector nothing (a fleet is 150,000 of them), and decode and
encode in C. Times are Unix seconds (float, UTC); durations are seconds unless the name says otherwise.
"""
