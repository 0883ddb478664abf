"""The types that one floor hands to the next.

They stand apart so that a floor never needs to import its neighbour above: a floor imports the floors below it
and this package, nothing else. Every type here is frozen and slotted, keeps bytes as bytes, and holds no
behaviour beyond simple questions about itself.
"""
