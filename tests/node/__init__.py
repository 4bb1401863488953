"""
Webcam mode as clients see it.

"""
