"""
Settings, all from the environment; docs/settings.md says what each is for.

Assignments only: what has to be worked out is worked out in tracker/env.py.
"""

from pathlib import Path

import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONE, SELF
from kombu import Queue

from tracker import env

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
TRACKER_DATA_DIR = env.data_folder("TRACKER_DATA_DIR", BASE_DIR / "data")
# Whether a first run fills the register with something to look at.
TRACKER_DEMONSTRATION = env.flag("TRACKER_DEMONSTRATION", default=True)
PORT = env.number("PORT", 8000, at_least=1, at_most=65535)

# --- Security ---------------------------------------------------------------------

DEBUG = False
SECRET_KEY = env.secret_key("SECRET_KEY", TRACKER_DATA_DIR)
# Former keys: what they sealed or signed can still be read.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", ())
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", env.LOOPBACK_HOSTS)
# A tracker that answers to a name of its own is served over HTTPS, unless told not to.
HTTPS_ONLY = env.flag(
    "HTTPS_ONLY", default=not set(ALLOWED_HOSTS) <= set(env.LOOPBACK_HOSTS)
)
# What links in mails, tickets and calendars begin with.
SITE_URL = env.address(
    "SITE_URL",
    f"https://{ALLOWED_HOSTS[0]}" if HTTPS_ONLY else f"http://127.0.0.1:{PORT}",
)
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", ())
CSRF_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_SSL_REDIRECT = HTTPS_ONLY
# Probes come from inside, over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https")
    if env.flag("TRUST_X_FORWARDED_PROTO", default=False)
    else None
)
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- Application ------------------------------------------------------------------

INSTALLED_APPS = [
    "reviews",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "tracker.admin_config.TrackerAdminConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tracker.compression.Compression",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
AUTH_USER_MODEL = "reviews.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

DATABASES = {"default": env.database("DATABASE_URL", TRACKER_DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Words and days ---------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TRACKER_TIME_ZONE = env.time_zone("TRACKER_TIME_ZONE", "UTC")
TIME_ZONE = TRACKER_TIME_ZONE
FORMAT_MODULE_PATH = "tracker.formats"

# --- Files ------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = env.folder(TRACKER_DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
# Served from where they lie, so that nothing has to be collected before a first run.
WHITENOISE_USE_FINDERS = True

# --- API --------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["reviews.api.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["reviews.api.authentication.SignedIn"],
    "DEFAULT_PARSER_CLASSES": ["reviews.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "reviews.api.problems.problem_response",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    # Two closed sets go by the name `kind`; solutions had it first.
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "reviews.api.documentation.KINDS",
        "CoverKindEnum": "reviews.api.documentation.COVER_KINDS",
        "SendStateEnum": "reviews.api.documentation.SEND_STATES",
    },
    "TITLE": "Best Before",
    "DESCRIPTION": "The register, its clock, its flags, its log of evaluations, and what "
    "the outside says of it.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
API_TOKEN_DAYS = env.number("API_TOKEN_DAYS", 90, at_least=1, at_most=366)

# --- Evidence ---------------------------------------------------------------------

EVIDENCE = env.flag("EVIDENCE", default=True)
EVIDENCE_PYPI_URL = env.address("EVIDENCE_PYPI_URL", env.registry("pypi"))
EVIDENCE_NPM_URL = env.address("EVIDENCE_NPM_URL", env.registry("npm"))
EVIDENCE_ENDOFLIFE_URL = env.address("EVIDENCE_ENDOFLIFE_URL", "https://endoflife.date")
EVIDENCE_OSV_URL = env.address("EVIDENCE_OSV_URL", "https://api.osv.dev")
EVIDENCE_DEPS_DEV_URL = env.address("EVIDENCE_DEPS_DEV_URL", "https://api.deps.dev")
EVIDENCE_GITHUB_URL = env.address("EVIDENCE_GITHUB_URL", "https://api.github.com")
EVIDENCE_GITHUB_TOKEN = env.text("EVIDENCE_GITHUB_TOKEN", "")
EVIDENCE_SCORECARD_URL = env.address(
    "EVIDENCE_SCORECARD_URL", "https://api.scorecard.dev"
)
EVIDENCE_HUGGING_FACE_URL = env.address(
    "EVIDENCE_HUGGING_FACE_URL", "https://huggingface.co"
)
EVIDENCE_HUGGING_FACE_TOKEN = env.text("EVIDENCE_HUGGING_FACE_TOKEN", "")
# Whoever runs a registry may want to write to whoever asks it so often.
EVIDENCE_CONTACT = env.text(
    "EVIDENCE_CONTACT", f"administrator@{[*ALLOWED_HOSTS, 'localhost'][0]}"
)
EVIDENCE_ALLOWED_NETWORKS = env.networks("EVIDENCE_ALLOWED_NETWORKS")
EVIDENCE_REQUESTS_PER_SECOND = env.number(
    "EVIDENCE_REQUESTS_PER_SECOND", 5, at_least=1, at_most=100_000
)
EVIDENCE_TIMEOUT_SECONDS = env.number(
    "EVIDENCE_TIMEOUT_SECONDS", 20, at_least=1, at_most=60
)

# --- Tickets, webhooks, messages ---------------------------------------------------

# Hosts of one's own that may be asked although their addresses are private.
OUTBOUND_ALLOWED_HOSTS = env.hosts("OUTBOUND_ALLOWED_HOSTS")
OUTBOUND_TIMEOUT_SECONDS = env.number(
    "OUTBOUND_TIMEOUT_SECONDS", 20, at_least=1, at_most=30
)
# TICKETS_<CONNECTION>_TOKEN and _SECRET, which come before what is in the database, and
# _HOST, to which alone the token is sent.
TICKETS_SECRETS = env.secrets_of("TICKETS", ("TOKEN", "SECRET", "HOST"))
EMAIL_URL = env.text("EMAIL_URL", "")
EMAIL = env.mail_server("EMAIL_URL")
EMAIL_FROM = env.text(
    "EMAIL_FROM", f"Best Before <best-before@{[*ALLOWED_HOSTS, 'localhost'][0]}>"
)
SLACK_BOT_TOKEN = env.text("SLACK_BOT_TOKEN", "")
SLACK_API_URL = env.address("SLACK_API_URL", "https://slack.com/api")

# --- Jobs -------------------------------------------------------------------------

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "memory://localhost/")
CELERY_TASK_DEFAULT_QUEUE = env.text("CELERY_QUEUE", "best-before")
# Asking others may take hours; the night's scan does not stand in that queue, nor do
# the tickets and messages.
CELERY_TASK_ROUTES = {
    "reviews.tasks.collect_evidence_of": {
        "queue": f"{CELERY_TASK_DEFAULT_QUEUE}-evidence"
    },
    "reviews.tasks.outgoing.*": {"queue": f"{CELERY_TASK_DEFAULT_QUEUE}-outgoing"},
}
CELERY_TASK_QUEUES = [
    Queue(CELERY_TASK_DEFAULT_QUEUE),
    Queue(f"{CELERY_TASK_DEFAULT_QUEUE}-evidence"),
    Queue(f"{CELERY_TASK_DEFAULT_QUEUE}-outgoing"),
]
CELERY_IMPORTS = [
    "reviews.tasks",
    "reviews.tasks.outgoing.events",
    "reviews.tasks.outgoing.messages",
    "reviews.tasks.outgoing.tickets",
]
CELERY_TIMEZONE = TRACKER_TIME_ZONE
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Redis gives a task back ten minutes after its worker died, and looks every 5 seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)
# Kept in memory on purpose: a schedule stored with a day that lies in the future, from
# a clock that was once wrong, would never fire again. What was done is in the database.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "scan-nightly": {
        "task": "reviews.tasks.scan",
        "schedule": crontab(hour=0, minute=5),
        # Just under the hour after which the look for a missed scan would find it.
        "options": {"expires": 55 * 60},
    },
    "clear-away": {
        "task": "reviews.tasks.clear_away",
        "schedule": crontab(hour=3, minute=15),
    },
    # What imports changed of the dependents.
    "weigh-register": {
        "task": "reviews.tasks.weigh_register",
        "schedule": crontab(hour=3, minute=25),
        "options": {"expires": 23 * 60 * 60},
    },
    "scan-if-missed": {
        "task": "reviews.tasks.scan_if_missed",
        "schedule": crontab(minute=35),
        "options": {"expires": 55 * 60},
    },
    # Every solution has its own time of day; this is how finely the day is cut.
    "collect-evidence": {
        "task": "reviews.tasks.collect_due_evidence",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 4 * 60},
    },
    # Days pass for evidence, too: a date comes within sight, a hold is over.
    "judge-evidence": {
        "task": "reviews.tasks.judge_evidence",
        "schedule": crontab(minute=15),
        "options": {"expires": 55 * 60},
    },
    # What goes out is in the database; these look for it, every minute.
    **{
        name: {
            "task": f"reviews.tasks.outgoing.{task}",
            "schedule": crontab(),
            "options": {"expires": 55},
        }
        for name, task in {
            "look-after-tickets": "tickets.look_after_tickets",
            "tell-of-events": "events.tell_of_events",
            "write-messages": "messages.write_messages",
        }.items()
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "filters": {"without_secrets": {"()": "tracker.logs.WithoutSecrets"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_secrets"],
        }
    },
    "root": {
        "handlers": ["console"],
        "level": env.one_of(
            "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
        ),
    },
}
