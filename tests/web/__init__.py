"""
What both modes' HTTP share.

"""
