"""Where machines stand, what feeds them and what they share: as a file or an inventory describes it, and the rules.

The words and the enums are NetBox's, so that operators and imports need no dictionary. Units are fixed: U in steps of
0.5, W, VA, V, A, mm; weights carry their unit as NetBox's do. What is not said is None and stays unknown.
"""
