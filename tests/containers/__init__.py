"""
The image, run as its users run it, by an engine that these tests start.

"""
