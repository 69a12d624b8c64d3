"""Where each door is; the doors say what is behind it."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("reviews.api.urls")),
    path("", include("reviews.pages.urls")),
]

handler400 = "reviews.pages.errors.bad_request"
handler403 = "reviews.pages.errors.forbidden"
handler404 = "reviews.pages.errors.not_found"
handler500 = "reviews.pages.errors.server_error"
