"""
The pages: templates, styles and modules, served as they are.

"""
