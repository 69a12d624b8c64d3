"""The pages' addresses."""

from django.urls import path

from reviews.pages import decisions, tickets
from reviews.pages.account import PasswordChange, SignIn, SignOut
from reviews.pages.attachments import attachment
from reviews.pages.beginning import demonstrate
from reviews.pages.bulk import bulk
from reviews.pages.calendar import calendar, calendars, no_calendar
from reviews.pages.calendar import make as make_calendar
from reviews.pages.calendar import revoke as revoke_calendar
from reviews.pages.focus import focus
from reviews.pages.health import healthz, readyz
from reviews.pages.home import home
from reviews.pages.hooks import hook
from reviews.pages.imports import import_file
from reviews.pages.notices import notices, stop_messages
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
    path("flags/<int:flag_id>/ticket/", tickets.make, name="make-ticket"),
    path("tickets/<int:id>/retry/", tickets.retry, name="retry-ticket"),
    path("proposals/<int:id>/approve/", decisions.approve, name="decide-approve"),
    path("proposals/<int:id>/decline/", decisions.decline, name="decide-decline"),
    path("hooks/<slug:system>/<slug:connection>/", hook, name="hook"),
    path("people/", people, name="people"),
    path("people/<str:username>/", person, name="person"),
    path("people/<str:username>/hand-over/", hand_over_from, name="hand-over"),
    path("waivers/", waivers, name="waivers"),
    path("waivers/<int:id>/revoke/", decisions.revoke, name="decide-revoke"),
    path("calendar/<str:token>.ics", calendar, name="calendar"),
    path("calendar/<path:token>", no_calendar),
    path("calendars/", calendars, name="calendars"),
    path("calendars/make/", make_calendar, name="calendar-make"),
    path("calendars/revoke/", revoke_calendar, name="calendar-revoke"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("notices/", notices, name="notices"),
    path("stop/<uuid:token>/", stop_messages, name="stop-messages"),
    path("password/", PasswordChange.as_view(), name="password-change"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
