"""One injector a fault, named like its module in `diagnosis.faults`."""
