"""
The daemon on the real Picamera2, without a Raspberry Pi.

"""
