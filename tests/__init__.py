"""
The tests of motion-in-ocean, laid out as the package is.

"""
