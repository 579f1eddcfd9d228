"""What people do at cars: they know nothing of the fault, only of what they see."""
