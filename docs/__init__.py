"""
The guides, and what writes their reference.

"""
