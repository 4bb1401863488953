"""
Tests of the cameras and of their life.

"""
