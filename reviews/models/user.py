"""People who sign in."""

from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator
from django.db import models


class User(AbstractUser):
    """
    A person. Superusers are the tracker's administrators.

    What a person wrote names them by itself, so that an account may go.
    """

    reviews_per_week = models.PositiveSmallIntegerField(
        default=5, db_default=5, validators=[MaxValueValidator(100)]
    )

    def label(self) -> str:
        """Return the name that stands beside what the person does."""
        return self.get_full_name() or self.get_username()
