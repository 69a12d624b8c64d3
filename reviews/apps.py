"""The one Django app."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Solutions, their evaluations, the clock and its flags."""

    name = "reviews"
    verbose_name = "Best Before"
