"""Signing in and out, and changing one's password: Django's own views in our look."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse_lazy
from django.utils import timezone

from reviews.pages.shell import frame, visitor
from reviews.services.users import set_password


class SignIn(views.LoginView):
    template_name = "sign-in.html"
    redirect_authenticated_user = True

    def get_success_url(self) -> str:
        url = super().get_success_url()
        # Who has signed in already would be sent here again, and again.
        return resolve_url("home") if url == self.request.path else url


class SignOut(views.LogoutView):
    http_method_names = ["post", "options"]


class PasswordChange(views.PasswordChangeView):
    template_name = "password-change.html"
    success_url = reverse_lazy("home")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        framing = frame(visitor(self.request)) | {"here": "password"}
        return super().get_context_data(**kwargs) | framing

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        set_password(
            user=form.user,
            password=form.cleaned_data["new_password1"],
            actor=visitor(self.request),
            now=timezone.now(),
        )
        # Everybody else with the old password is signed out, this session stays.
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, "Your password has been changed.")
        return redirect(self.get_success_url())
