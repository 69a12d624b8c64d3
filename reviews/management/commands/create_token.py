"""Makes an API token."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from reviews.management.arguments import words
from reviews.management.register import RegisterCommand
from reviews.models import User
from reviews.rules.access import Scope, operator
from reviews.services.errors import DomainError
from reviews.services.tokens import create_token


class Command(RegisterCommand):
    help = "Prints a new API token, once: only a digest of it is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", type=words, help="whose rights the token has")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            choices=[scope.value for scope in Scope],
            help="narrows the token to this; may be repeated",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=settings.API_TOKEN_DAYS,
            help="how long it lasts (default: %(default)s)",
        )
        parser.add_argument("--name", type=words, default="", help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"]
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(
                f"There is no user {username!r}. Make one in the admin, or with "
                "`manage.py createsuperuser`."
            )
        try:
            row, token = create_token(
                user=user,
                scopes=[Scope(scope) for scope in options["scope"]],
                days=options["days"],
                name=options["name"],
                actor=operator("create_token"),
                now=timezone.now(),
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(token)
        self.stderr.write(
            f"Valid until {row.expires_at:%Y-%m-%d %H:%M} UTC. It is not shown again."
        )
