"""The page kit: charts, numbers, names, quotes and HTML, for any page."""
