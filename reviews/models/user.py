"""People who sign in."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """
    A person. Superusers are the tracker's administrators.

    What a person wrote names them by itself, so that an account may go.
    """

    def label(self) -> str:
        """Return the name that stands beside what the person does."""
        return self.get_full_name() or self.get_username()
