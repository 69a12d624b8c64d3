"""To come."""


def measure(registers): ...
