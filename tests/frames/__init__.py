"""
Frames and the way they go.

"""
