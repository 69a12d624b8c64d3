"""
The staff pages: Django's stock admin, whose forms call services.

`site` says who may enter and which pages there are, `base` what all of them share.
"""
