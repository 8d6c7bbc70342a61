"""All settings, one file. Development needs no variable; a county sets the ones named ANLAN_*.

ANLAN_DATABASE   sqlite:///file or postgresql://user:pass@host/name   (default: var/anlan.sqlite3)
ANLAN_SECRET     the key that signs sessions; a county must set it    (default: made once, kept in var/)
ANLAN_KEYS       file with the keys that seal personal data           (default: made once, kept in var/)
ANLAN_CIPHER     aes or sm4, for keys made from now on                (default: aes)
ANLAN_HOSTS      host names the site answers to, comma-separated      (default: localhost)
ANLAN_HTTPS      1 where the site is served over HTTPS
ANLAN_SITE       the address villagers reach the site by, for QR codes (default: the one a page was asked for)
ANLAN_TWO_FACTOR 1 where nobody works before a telephone is bound   (default: each may, none must)
ANLAN_HOME       folder for the database, spool and reports           (default: var/ of the checkout)
ANLAN_SMTP       smtp://user:pass@host:port for the e-mail channel    (default: none; e-mail waits)
ANLAN_SNAPSHOTS  folder of the nightly Parquet copies                 (default: snapshots/ beside the database)
ANLAN_SNAPSHOT_DAYS   days they are kept; 0 takes none                (default: 7)
ANLAN_SNAPSHOT_HOUR   hour of the night from which they are taken     (default: 2)
ANLAN_FEEDS      addresses or folders of alerts, asked every minute      (default: none; alerts are taken in by hand)
ANLAN_CAP_ROOTS  PEM file or folder: whose signatures on alerts count (default: none; no signature is trusted)
ANLAN_CAP_SENDER the county's own sender code on alerts it issues     (default: made from its division code)
ANLAN_CAP_FOLDER folder into which its alerts and their feed go       (default: none; nothing is written)
ANLAN_PAPERS     folder of the county's own Word templates of papers     (default: papers/ in ANLAN_HOME)
ANLAN_LISTS      folder departments' lists are put into for the worker   (default: lists/ in ANLAN_HOME)
ANLAN_CHANNELS   TOML file with the accounts of other channels        (default: channels.toml in ANLAN_HOME)
ANLAN_DEBUG      1 shows defects in the browser
"""

import os
import secrets
import sys
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from anlan.county.config.database import database
from anlan.county.mission import NAMES

SOURCE = Path(__file__).resolve().parents[4]
CHECKOUT = SOURCE if (SOURCE / "pyproject.toml").exists() else Path.cwd()
HOME = Path(os.environ.get("ANLAN_HOME") or CHECKOUT / "var")


def _secret() -> str:
    """A key that stays the same between starts, made once where the county set none."""
    given = os.environ.get("ANLAN_SECRET")
    if given:
        return given
    HOME.mkdir(parents=True, exist_ok=True)
    kept = HOME / "secret"
    try:
        with os.fdopen(os.open(kept, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return kept.read_text()


DEBUG = os.environ.get("ANLAN_DEBUG") == "1"
SECRET_KEY = _secret()
ALLOWED_HOSTS = (os.environ.get("ANLAN_HOSTS") or "localhost,127.0.0.1,[::1],testserver").split(",")
# What QR codes and leaflets lead to: https://name, as a telephone on the open network can reach it.
SITE = os.environ.get("ANLAN_SITE", "").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    *(f"anlan.county.{name}" for name in NAMES),
    "anlan.county.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "anlan.county.config.middleware.security_headers",
    "anlan.county.config.middleware.compressed_is_the_same",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "anlan.county.config.middleware.reads_do_not_write",
    "anlan.county.config.middleware.a_second_factor_first",
    "anlan.county.config.middleware.the_county_clock",
    "anlan.county.config.middleware.refusals_are_answers",
]

ROOT_URLCONF = "anlan.county.config.urls"
WSGI_APPLICATION = "anlan.county.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "anlan.county.desk.context.county",
            ]
        },
    }
]

DATABASES = {
    "default": database(os.environ.get("ANLAN_DATABASE") or f"sqlite:///{HOME / 'anlan.sqlite3'}"),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "office.User"
AUTHENTICATION_BACKENDS = ["anlan.county.office.authentication.Passwords"]
LOGIN_URL = "office:login"
LOGIN_REDIRECT_URL = "desk:home"
# Signed cookies: logging in writes no row, so a log-in link may be a plain GET.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

TWO_FACTOR = os.environ.get("ANLAN_TWO_FACTOR") == "1"
HTTPS = os.environ.get("ANLAN_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Browsers' preload lists are forever; whether to be on them is the county's to say, not ours.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "anlan.county.config.uploads.UnnamedFileUploadHandler",  # Django's own leaves a readable file where it is killed
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", "English")]
LOCALE_PATHS = [Path(__file__).resolve().parents[1] / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
# MapLibre comes from npm at set-up, into a folder git ignores.
_MAPLIBRE = CHECKOUT / "node_modules" / "maplibre-gl" / "dist"
STATICFILES_DIRS = [("maplibre", _MAPLIBRE)] if _MAPLIBRE.exists() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# What is personal lies sealed in the database; the keys lie in a file apart from it (county/seal.py).
KEYS = Path(os.environ.get("ANLAN_KEYS") or HOME / "keys.toml")
CIPHER = os.environ.get("ANLAN_CIPHER") or "aes"

# Alerts in: the feeds that are asked, and the roots that count. Alerts out: the sender code and the folder of the feed.
FEEDS = os.environ.get("ANLAN_FEEDS", "")
CAP_ROOTS = os.environ.get("ANLAN_CAP_ROOTS", "")
CAP_SENDER = os.environ.get("ANLAN_CAP_SENDER", "")
CAP_FOLDER = os.environ.get("ANLAN_CAP_FOLDER", "")

SMTP_URL = os.environ.get("ANLAN_SMTP", "")
CHANNELS = Path(os.environ.get("ANLAN_CHANNELS") or HOME / "channels.toml")
# The county's own templates of official papers; those that come with the program serve for what it does not hold.
PAPERS = Path(os.environ.get("ANLAN_PAPERS") or HOME / "papers")
# What channels leave on this machine (files, call lists) lies beside the database it came from.
SPOOL = (HOME / "spool" / Path(str(DATABASES["default"]["NAME"])).name).absolute()
# Texts that were rendered as sound, each once: nothing of a person is in them.
SPEECH = (HOME / "speech" / Path(str(DATABASES["default"]["NAME"])).name).absolute()
# Departments' lists that somebody put here are compared by the worker, and gone.
LISTS = Path(os.environ.get("ANLAN_LISTS") or HOME / "lists" / SPOOL.name).absolute()
# Files on their way into the register wait beside it, until they are merged or thrown away.
IMPORTS = (HOME / "imports" / Path(str(DATABASES["default"]["NAME"])).name).absolute()
# Photographs of visits, reports and signed sheets, sealed.
PHOTOS = (HOME / "photos" / Path(str(DATABASES["default"]["NAME"])).name).absolute()
# The county's own wording of the leaflets for households; where there is none, the one that comes along.
LEAFLETS = HOME / "leaflets"
# What stands where, as tables by township: a run names the ones it was made from.
EXPOSURE = (HOME / "exposure" / Path(str(DATABASES["default"]["NAME"])).name).absolute()
# Copies of the register for analysis, under pseudonyms (registry/snapshots).
SNAPSHOTS = Path(os.environ.get("ANLAN_SNAPSHOTS") or HOME / "snapshots" / IMPORTS.name).absolute()
SNAPSHOT_DAYS = int(os.environ.get("ANLAN_SNAPSHOT_DAYS") or 7)
SNAPSHOT_HOUR = int(os.environ.get("ANLAN_SNAPSHOT_HOUR") or 2)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
