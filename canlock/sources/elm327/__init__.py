"""An ELM327 as a CAN bus: the ten-dollar adapter, listened to and never more.

`can.Bus(interface="elm327", channel="/dev/ttyUSB0")` opens one. See docs/elm327.md.
"""
