"""
What reaches a viewer.

"""
