"""
Tests with the real thing: a daemon, a browser, Picamera2.

"""
