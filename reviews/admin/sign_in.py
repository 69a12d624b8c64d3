"""Signing in to the staff pages, and changing one's own password there."""

from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from reviews.admin.actor import DOOR
from reviews.models import User
from reviews.rules.access import may_enter_admin
from reviews.services.access import actor_of
from reviews.services.users import set_password

NOT_STAFF = (
    "The staff pages are for administrators, and for the engineers and tech leads of a "
    "team. You can read the whole register on the other pages; ask an administrator for "
    "a role if you want to log evaluations."
)


class StaffSignInForm(AuthenticationForm):
    """Lets in who has a right to be in; `is_staff` plays no part."""

    required_css_class = "required"

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)  # type: ignore[arg-type]
        if not isinstance(user, User) or not may_enter_admin(actor_of(user, door=DOOR)):
            raise ValidationError(NOT_STAFF, code="not_staff")


class OwnPasswordForm(AdminPasswordChangeForm):
    def save(self, commit: bool = True) -> User:
        set_password(
            user=self.user,
            password=self.cleaned_data["new_password1"],
            actor=actor_of(self.user, door=DOOR),
            now=timezone.now(),
        )
        return self.user
