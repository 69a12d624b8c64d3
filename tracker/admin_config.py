"""Puts the tracker's own admin site in the place of Django's default one."""

from django.contrib.admin.apps import AdminConfig


class TrackerAdminConfig(AdminConfig):
    """The stock admin, with who may enter decided by the tracker's rights."""

    default_site = "reviews.admin.site.TrackerAdminSite"
