"""
Tests of the process: how it listens, logs, starts and ends.

"""
