"""
What it costs to ask a fleet of nodes how it is, here and with what others would use.

"""
