"""How one is told, and how it ends: everybody's own channels, and the way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from reviews.connectors.addresses import AddressError
from reviews.models import Subscription, User
from reviews.models.choices import CHANNELS
from reviews.pages.shell import frame, link, visitor
from reviews.pages.wording import titled
from reviews.queries.subscriptions import SubscriptionRow, subscriptions_of
from reviews.rules.schedule import DEFAULT_HOUR, WORKING_DAYS
from reviews.rules.telling import Channel
from reviews.services.errors import InvalidError
from reviews.services.messages.subscriptions import (
    ADDRESS_LIMIT,
    Schedule,
    save_subscription,
    send_test,
    stop,
    zone_of,
)
from reviews.wiring import check_outside, open_channels, vault

WEEKDAYS = (
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("7", "Sunday"),
)
LABELS = dict(CHANNELS)
_WEBHOOKS = (Channel.SLACK_WEBHOOK, Channel.TEAMS)
_ADDRESS_LABELS = {
    Channel.SLACK_WEBHOOK: "Address of the incoming webhook",
    Channel.SLACK_BOT: "Your member id",
    Channel.TEAMS: "Address of the workflow",
}
_HELP = {
    Channel.SLACK_WEBHOOK: "Slack shows it once the webhook is made. Whoever has it can "
    "write there, so it is kept sealed and never shown again.",
    Channel.SLACK_BOT: "In Slack: your profile, the three dots, “Copy member ID”.",
    Channel.TEAMS: "In Teams: the channel or chat, Workflows, “Post to a channel when a "
    "webhook request is received”. It is kept sealed and never shown again.",
}


class ChannelForm(forms.Form):
    """When one wants to be told over a channel, and at which address."""

    is_on = forms.BooleanField(required=False, label="Send messages")
    weekdays = forms.MultipleChoiceField(
        required=False, choices=WEEKDAYS, label="Digest on"
    )
    hour = forms.TypedChoiceField(
        choices=[(hour, f"{hour:02}:00") for hour in range(24)], coerce=int, label="At"
    )
    time_zone = forms.CharField(max_length=50, label="Time zone")
    address = forms.CharField(
        required=False, max_length=ADDRESS_LIMIT, label="Address", strip=True
    )

    def schedule(self) -> Schedule:
        """Return what was filled in."""
        said = self.cleaned_data
        return Schedule(
            is_on=said["is_on"],
            weekdays="".join(said["weekdays"]),
            hour=said["hour"],
            time_zone=said["time_zone"],
        )


@dataclass(frozen=True, slots=True)
class Panel:
    """
    A channel on the page.

    `closed` says why nothing can be sent over it here, empty where something can.
    """

    channel: str
    title: str
    form: ChannelForm
    row: SubscriptionRow | None
    days: list[tuple[str, str, bool]]
    hours: list[tuple[int, str, bool]]
    address_label: str
    address_help: str
    closed: str
    sends_to: str
    next_at: datetime | None

    @property
    def has_address(self) -> bool:
        """Whether an address was given before."""
        return self.row is not None and self.row.has_address


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        raise TypeError("Notices are for people who have signed in.")
    if request.method != "POST":
        return _answer(request, user, {})
    channel = _channel_of(request.POST.get("channel", ""))
    if request.POST.get("do") == "test":
        return _test(request, user, channel)
    form = ChannelForm(request.POST, prefix=channel.value)
    if form.is_valid() and _save(form, user, channel):
        messages.success(request, f"Saved: {LABELS[channel.value]}.")
        return redirect("notices")
    return _answer(request, user, {channel: form}, status=HTTPStatus.BAD_REQUEST)


# A mail program ends a subscription by itself (RFC 8058): it has no cookie of ours.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_messages(request: HttpRequest, token: UUID) -> HttpResponse:
    """Show what would end, to whom follows a link; end it for whoever says so."""
    subscription = Subscription.objects.filter(stop_token=token).first()
    if subscription is None:
        raise Http404
    if request.method == "POST":
        stop(token=token)
    context = {
        "channel": LABELS[subscription.channel],
        "is_stopped": request.method == "POST" or not subscription.is_on,
    }
    return render(request, "stop.html", context)


def _channel_of(word: str) -> Channel:
    try:
        return Channel(word)
    except ValueError as error:
        raise Http404 from error


def _test(request: HttpRequest, user: User, channel: Channel) -> HttpResponse:
    if _closed(channel):
        messages.error(request, _closed(channel))
        return redirect("notices")
    try:
        send_test(
            user_id=user.pk,
            channel=channel,
            site_url=settings.SITE_URL,
            now=timezone.now(),
        )
    except InvalidError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, "A test message is on its way; it takes a minute at most."
        )
    return redirect("notices")


def _save(form: ChannelForm, user: User, channel: Channel) -> bool:
    """Return whether it was stored; what is wrong stands in the form."""
    address = form.cleaned_data["address"]
    try:
        if address and channel in _WEBHOOKS:
            check_outside(address)
        save_subscription(
            user_id=user.pk,
            channel=channel,
            schedule=form.schedule(),
            address=address,
            vault=vault(),
            now=timezone.now(),
        )
    except AddressError as error:
        form.add_error("address", str(error))
    except InvalidError as error:
        form.add_error(error.field or None, str(error))
    return form.is_valid()


def _closed(channel: Channel) -> str:
    """Return why nothing is sent over a channel here, empty if something is."""
    if channel in open_channels():
        return ""
    if channel is Channel.EMAIL:
        return (
            "No mail server is configured, so no e-mail is sent: an administrator names "
            "one in the setting EMAIL_URL."
        )
    return "No bot is configured: an administrator gives its token in SLACK_BOT_TOKEN."


def _answer(
    request: HttpRequest,
    user: User,
    filled: Mapping[Channel, ChannelForm],
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    rows = subscriptions_of(user.pk)
    panels = [
        _panel(channel, rows.get(channel), filled.get(channel), user)
        for channel in Channel
        # Without a bot there is nothing to set up, unless somebody had one before.
        if channel is not Channel.SLACK_BOT or channel in rows or not _closed(channel)
    ]
    context = {
        "here": "notices",
        "panels": panels,
        "zones": sorted(available_timezones()),
        "calendars_url": link("calendars"),
    }
    return render(
        request, "notices.html", frame(visitor(request)) | context, status=status
    )


def _panel(
    channel: Channel,
    row: SubscriptionRow | None,
    filled: ChannelForm | None,
    user: User,
) -> Panel:
    form = filled or ChannelForm(prefix=channel.value, initial=_initial(channel, row))
    chosen = set(form["weekdays"].value() or ())
    hour = str(form["hour"].value())
    zone = zone_of(row.time_zone) if row and row.next_digest_at else None
    return Panel(
        channel=channel.value,
        title=titled(LABELS[channel.value]),
        form=form,
        row=row,
        days=[(day, name, day in chosen) for day, name in WEEKDAYS],
        hours=[(n, f"{n:02}:00", str(n) == hour) for n in range(24)],
        address_label=_ADDRESS_LABELS.get(channel, ""),
        address_help=_HELP.get(channel, ""),
        closed=_closed(channel),
        sends_to=user.email if channel is Channel.EMAIL else "",
        next_at=row.next_digest_at.astimezone(zone)
        if row and row.next_digest_at
        else None,
    )


def _initial(channel: Channel, row: SubscriptionRow | None) -> dict[str, Any]:
    if row is None:
        return {
            "is_on": channel is Channel.EMAIL,
            "weekdays": list(WORKING_DAYS),
            "hour": DEFAULT_HOUR,
            "time_zone": settings.TRACKER_TIME_ZONE,
        }
    return {
        "is_on": row.is_on,
        "weekdays": list(row.weekdays),
        "hour": row.hour,
        "time_zone": row.time_zone,
    }
