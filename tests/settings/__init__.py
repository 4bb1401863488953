"""
Tests of what operators set: by option, environment and YAML file.

"""
