"""
The same sweep with what others would use.

"""
