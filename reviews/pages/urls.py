"""The pages' addresses."""

from django.urls import path

from reviews.pages.account import PasswordChange, SignIn, SignOut
from reviews.pages.health import healthz, readyz
from reviews.pages.home import home
from reviews.pages.register import solutions
from reviews.pages.solution import solution

urlpatterns = [
    path("", home, name="home"),
    path("solutions/", solutions, name="solutions"),
    path("solutions/<slug:slug>/", solution, name="solution"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("password/", PasswordChange.as_view(), name="password-change"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
