"""The database under test, for other processes."""

from urllib.parse import quote

from django.db import connection


def database_url() -> str:
    """Return the address of the database under test, for other processes."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user = quote(database["USER"])
    password = f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else ""
    host, port = database["HOST"], database["PORT"] or 5432
    return f"postgres://{user}{password}@{host}:{port}/{database['NAME']}"
