"""The rules that hold of racks, one module a subject; ``verdict.py`` asks them all."""
