"""A car with faults put in: a person, a fob, a BCM, wires, motors, latches, and a bus that tells.

`drive.simulate` draws a world, lets injectors change what its parts are made of, and lets a story
unfold on an event queue. The parts record what is true; `bus` says of it what the vehicle file can.
"""
