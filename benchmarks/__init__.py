"""
What streaming costs here and elsewhere. ``README.rst`` in this folder says how to read it.

"""
