"""One injector a fault, named like its module in `diagnosis.faults`.

Each has `inject(case)`: it changes what a part is made of, never what the bus says, and records
code, doors and severity. The legitimate behaviours are cases too: a car set up so that it puzzles.
"""
