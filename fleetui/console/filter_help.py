"""The filter language in a few lines, for the help."""

FILTER_HELP = (
    ("word", "rows in which the word occurs; several words must all occur"),
    ("pe1-wk-*-1?", "rows whose whole name matches: * any text, ? one character"),
    ("!TERM", "turns any term round"),
    ("status=NotReady", "a column equals, != differs, ~ matches a regular expression"),
    ("age>2h  nodes<90%", "a column compares with < <= > >=; units s m h d and %"),
    ("@eu-*,us-*", "rows of clusters whose names match"),
    ("label:KEY=VALUE", "rows with that label"),
    ("a or b", "one or the other"),
    ("? unknown", "rows of which the filter cannot tell are counted beside it, never shown as matching"),
)
