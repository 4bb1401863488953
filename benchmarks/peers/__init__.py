"""
Small servers of our own, written as people write them, fed from the same JPEG files.

Each is run with a port, a folder and a rate: ``python -m benchmarks.peers.NAME 8000 FOLDER 30``.

"""
