"""What services refuse, in words that a user may read; doors translate them once."""


class DomainError(Exception):
    """
    A refusal.

    `field` names the part of the request that is at fault, empty for all of it.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidError(DomainError):
    """The request contradicts a rule and would at any time."""


class ConflictError(DomainError):
    """The request contradicts what the register holds now."""


class AlreadyRegisteredError(ConflictError):
    """An identifier names a solution that is registered; `slug` says which."""

    def __init__(self, message: str, *, field: str, slug: str) -> None:
        super().__init__(message, field=field)
        self.slug = slug


class StaleError(ConflictError):
    """Somebody else changed the object since the request's author saw it."""


class BusyError(DomainError):
    """Another process is at the same job; trying again later helps."""
