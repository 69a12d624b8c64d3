"""The staff pages of connections to ticket systems, for administrators."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters

from reviews import wiring
from reviews.admin.actor import actor_at
from reviews.admin.base import RegisterAdmin
from reviews.admin.connection_form import MAPPING, ConnectionForm
from reviews.admin.connection_steps import (
    STEPS,
    secret_setting,
    shown,
    tested,
    token_setting,
)
from reviews.admin.filters import WordFilter
from reviews.admin.picking import is_number
from reviews.admin.wording import Standing
from reviews.models import Connection
from reviews.models.choices import SYSTEMS
from reviews.queries.connections import standings, with_counts
from reviews.rules.access import Permission
from reviews.services.connection_drafts import AddressCheck, origin_of
from reviews.services.connections import (
    change_connection,
    delete_connection,
    make_connection,
    rotate_webhook_secret,
)
from reviews.services.errors import DomainError

_IDENTITY = ("slug", "system")
_sensitive = method_decorator(sensitive_post_parameters("token", "secret"))


class SystemFilter(WordFilter):
    title = "system"
    parameter_name = "system"
    words = SYSTEMS


class ConnectionAdmin(RegisterAdmin[Connection]):
    viewing = Permission.CONNECT
    adding = Permission.CONNECT
    changing = Permission.CONNECT
    deleting = Permission.CONNECT

    form = ConnectionForm
    list_display = ["name", "system", "project", "mode", "tickets", "last_asked"]
    list_filter = [SystemFilter]
    ordering = ["position", "pk"]
    sortable_by = []

    # --- The list ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        sealed = ("sealed_token", "sealed_secret", "sealed_former_secret")
        found = super().get_queryset(request)
        match = request.resolver_match
        if match is not None and str(match.url_name).endswith("_changelist"):
            return with_counts(found.defer(*sealed))
        return found

    @admin.display(description="stands")
    def mode(self, obj: Connection) -> SafeString:
        return _mode(obj).badge()

    @admin.display(description="tickets")
    def tickets(self, obj: Connection) -> str:
        stand = standings(obj)
        return f"{stand.open} open, {stand.pending} waiting, {stand.refused} refused"

    @admin.display(description="last asked", ordering="polled_at")
    def last_asked(self, obj: Connection) -> Any:
        return obj.polled_at or "never"

    # --- The form ---

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        where = ("address", "project", "issue_type", "login", "token", "secret")
        which = ("causes", "actions", "severities", "teams")
        sets: list[tuple[str | None, dict[str, Any]]] = [
            (None, {"fields": ("name", *_IDENTITY, "owner")}),
            ("Where it leads", {"fields": where}),
            (
                "Which flags go there",
                {"fields": (*which, "position", "tickets_per_day")},
            ),
            ("Pace", {"fields": ("writes_per_minute", "lag_seconds")}),
        ]
        if obj is not None:
            told = "What is sent under which name, and what comes back as a decision."
            fields = ("decides", *MAPPING)
            mapping = {"fields": fields, "description": told}
            return [*sets[:3], ("Fields and values", mapping), *sets[3:]]
        return [*sets[:2], (sets[2][0], {"fields": (*sets[2][1]["fields"], "decides")})]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Connection | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else _IDENTITY

    def get_form(
        self,
        request: HttpRequest,
        obj: Connection | None = None,
        change: bool = False,
        **kw: Any,
    ) -> Any:
        form = super().get_form(request, obj, change, **kw)
        form.told = _secrets_told(obj)  # type: ignore[attr-defined]
        return form

    @_sensitive
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST" and self.has_add_permission(request):
            # Looked up before the stock admin opens a transaction.
            check = _looked_up(request.POST.get("address", "").strip().rstrip("/"))
            request.address_check = check  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: Connection, form: Any, change: Any
    ) -> None:
        said, before = form.cleaned_data, obj.address
        common: dict[str, Any] = {
            "draft": form.draft(),
            "actor": actor_at(request),
            "vault": wiring.vault(),
            "check": request.address_check,  # type: ignore[attr-defined]
            "now": timezone.now(),
        }
        if not change:
            saved = make_connection(
                token=said["token"], secret=said["secret"], **common
            )
            obj.pk = saved.connection.pk
        else:
            saved = change_connection(
                connection=obj,
                token=said["token"] or None,
                secret=said["secret"] or None,
                **common,
            )
        obj.refresh_from_db()
        if saved.was_emptied:
            self.message_user(request, _EMPTIED, messages.WARNING)
        given = " and ".join(filter(None, (token_setting(obj), secret_setting(obj))))
        if change and given and origin_of(before) != origin_of(obj.address):
            self.message_user(request, _GIVEN.format(given), messages.WARNING)
        if not change:
            self.message_user(request, _SIMULATES, messages.INFO)

    def response_add(
        self,
        request: HttpRequest,
        obj: Connection,
        post_url_continue: str | None = None,
    ) -> HttpResponse:
        if "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        # What is to be done next, a test first of all, is on its own page.
        return HttpResponseRedirect(self.address_of(obj.pk))

    def delete_model(self, request: HttpRequest, obj: Connection) -> None:
        delete_connection(connection=obj, actor=actor_at(request), now=timezone.now())

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Connection | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context |= {
                "mode": _mode(obj),
                "around": shown(obj, request.GET.get("before", "")),
                "secret_setting": secret_setting(obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- One click ---

    def get_urls(self) -> list[URLPattern]:
        door = self.admin_site.admin_view
        own = [
            path(
                "<path:object_id>/test/",
                door(self.test_view),
                name="reviews_connection_test",
            ),
            path(
                "<path:object_id>/secret/",
                door(self.secret_view),
                name="reviews_connection_secret",
            ),
            path(
                "<path:object_id>/do/<slug:step>/",
                door(self.step_view),
                name="reviews_connection_do",
            ),
        ]
        return [*own, *super().get_urls()]

    def step_view(
        self, request: HttpRequest, object_id: str, step: str
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        connection = self._meant(request, object_id)
        if step not in STEPS:
            raise Http404
        try:
            said = STEPS[step](connection, actor_at(request), timezone.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(self.address_of(connection.pk))

    def test_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        connection = self._meant(request, object_id)
        findings = tested(connection, actor_at(request))
        well = all(finding.is_well for finding in findings)
        context = {
            **self._framed(request, connection),
            "title": f"Test of {connection}: {'all is well' if well else 'it fails'}",
            "findings": findings,
            "is_well": well,
        }
        return TemplateResponse(
            request, "admin/reviews/connection/tested.html", context
        )

    def secret_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        connection = self._meant(request, object_id)
        secret = rotate_webhook_secret(
            connection=connection,
            actor=actor_at(request),
            vault=wiring.vault(),
            now=timezone.now(),
        )
        connection.refresh_from_db()
        # Shown in this answer only: a message or a session would keep it.
        context = {
            **self._framed(request, connection),
            "title": f"The new webhook secret of {connection}",
            "secret": secret,
            "around": shown(connection, ""),
            "setting": secret_setting(connection),
        }
        answer = TemplateResponse(
            request, "admin/reviews/connection/secret.html", context
        )
        answer["Cache-Control"] = "no-store"
        return answer

    def _framed(self, request: HttpRequest, connection: Connection) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "connection": connection,
            "address": self.address_of(connection.pk),
        }

    def _meant(self, request: HttpRequest, object_id: str) -> Connection:
        if not self.allows(request, Permission.CONNECT, None):
            raise PermissionDenied("Only administrators manage connections.")
        number = unquote(object_id)
        found = Connection.objects.filter(pk=int(number) if is_number(number) else 0)
        connection = found.first()
        if connection is None:
            raise Http404
        return connection


_EMPTIED = (
    "The address leads to another host: the token and the webhook secret that were "
    "stored have been removed. Enter those for this host."
)
_GIVEN = (
    "The address leads to another host, and the environment still gives {}, which "
    "cannot be cleared here: have whoever runs the tracker change that before you test."
)
_SIMULATES = (
    "It simulates: it sends nothing until you have it go live. Test it, and read in its "
    "ledger, in some minutes, what it would send."
)


def _mode(connection: Connection) -> Standing:
    if not connection.is_on:
        return Standing("closed", "off")
    if connection.problem_at is not None:
        return Standing("overdue", "stopped")
    if connection.problem:
        return Standing("due_soon", "in trouble")
    if connection.is_live:
        return Standing("fresh", "live")
    return Standing("unreviewed", "simulates")


def _secrets_told(connection: Connection | None) -> dict[str, str]:
    """Return what is known of the secrets, by the field; never the secrets."""
    once = "It is never shown again."
    if connection is None:
        return {
            "token": f"What it signs in with. {once}",
            "secret": "With which the other side signs its deliveries; it can be made "
            f"later, on the next page. {once}",
        }
    return {
        "token": _kept(token_setting(connection), bool(connection.sealed_token)),
        "secret": _kept(secret_setting(connection), bool(connection.sealed_secret)),
    }


def _kept(setting: str, is_stored: bool) -> str:
    if setting:
        return f"From the environment: {setting} has it, which comes first."
    if is_stored:
        return "One is stored, which is never shown. Left empty, it is kept."
    return "None is stored."


def _looked_up(address: str) -> AddressCheck:
    """Return the answer of a check that is made now."""
    refusal: ValueError | None = None
    try:
        wiring.check_outside(address)
    except ValueError as error:
        refusal = error

    def check(same: str) -> None:
        if same != address:
            wiring.check_outside(same)
        elif refusal is not None:
            raise refusal

    return check
