"""
Management mode, from its parts to what clients see.

"""
