"""The pages' addresses."""

from django.urls import path

from reviews.pages import decisions
from reviews.pages.account import PasswordChange, SignIn, SignOut
from reviews.pages.attachments import attachment
from reviews.pages.beginning import demonstrate
from reviews.pages.bulk import bulk
from reviews.pages.focus import focus
from reviews.pages.health import healthz, readyz
from reviews.pages.home import home
from reviews.pages.imports import import_file
from reviews.pages.people import hand_over_from, people, person
from reviews.pages.plan import level, plan
from reviews.pages.queue import queue
from reviews.pages.register import solutions
from reviews.pages.solution import solution
from reviews.pages.waivers import waivers

urlpatterns = [
    path("", home, name="home"),
    path("import/", import_file, name="import-file"),
    path("demonstration/", demonstrate, name="load-demonstration"),
    path("solutions/", solutions, name="solutions"),
    path("solutions/<slug:slug>/", solution, name="solution"),
    path("attachments/<int:id>/", attachment, name="attachment"),
    path("plan/", plan, name="plan"),
    path("plan/level/", level, name="plan-level"),
    path("queue/", queue, name="queue"),
    path("bulk/", bulk, name="queue-bulk"),
    path("queue/<slug:slug>/", focus, name="focus"),
    path("queue/<slug:slug>/reaffirm/", decisions.reaffirm, name="decide-reaffirm"),
    path("queue/<slug:slug>/reassign/", decisions.reassign, name="decide-reassign"),
    path("queue/<slug:slug>/deprecate/", decisions.deprecate, name="decide-deprecate"),
    path("flags/<int:flag_id>/snooze/", decisions.snooze, name="decide-snooze"),
    path("flags/<int:flag_id>/waive/", decisions.waive, name="decide-waive"),
    path("flags/<int:flag_id>/override/", decisions.override, name="decide-override"),
    path("proposals/<int:id>/approve/", decisions.approve, name="decide-approve"),
    path("proposals/<int:id>/decline/", decisions.decline, name="decide-decline"),
    path("people/", people, name="people"),
    path("people/<str:username>/", person, name="person"),
    path("people/<str:username>/hand-over/", hand_over_from, name="hand-over"),
    path("waivers/", waivers, name="waivers"),
    path("waivers/<int:id>/revoke/", decisions.revoke, name="decide-revoke"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("password/", PasswordChange.as_view(), name="password-change"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
