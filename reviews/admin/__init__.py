"""The staff pages: Django's stock admin, whose forms call services."""
