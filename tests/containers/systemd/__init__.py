"""
The units and the install script, in a machine that systemd has booted: a container, without a
network, so that all that is installed was on board.

"""
