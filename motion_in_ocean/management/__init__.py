"""
Management mode: the registry of nodes, how they are asked how they are, and its routes.

"""
