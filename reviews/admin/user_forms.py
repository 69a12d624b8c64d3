"""The forms that add and change a person."""

from django.contrib.auth.forms import BaseUserCreationForm

from reviews.admin.refusals import RefusableForm
from reviews.models import User

_ADMINISTRATOR = "Administrator"
_CAPACITY = "Reviews a week"
_CAPACITY_USE = "How many reviews there is time for: plans and loads go by it."
_RIGHTS = "Manages people, teams and policies, and may do everything else as well."


class ChangeUserForm(RefusableForm[User]):
    class Meta:
        model = User
        fields = (
            "username",
            "first_name",
            "last_name",
            "email",
            "reviews_per_week",
            "is_active",
            "is_superuser",
        )
        labels = {"is_superuser": _ADMINISTRATOR, "reviews_per_week": _CAPACITY}
        help_texts = {
            "is_superuser": _RIGHTS,
            "reviews_per_week": _CAPACITY_USE,
            "is_active": "Who is not active cannot sign in, and keeps everything else.",
        }


class AddUserForm(RefusableForm[User], BaseUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = (
            "username",
            "first_name",
            "last_name",
            "email",
            "reviews_per_week",
            "is_superuser",
        )
        labels = {"is_superuser": _ADMINISTRATOR, "reviews_per_week": _CAPACITY}
        help_texts = {"is_superuser": _RIGHTS, "reviews_per_week": _CAPACITY_USE}
