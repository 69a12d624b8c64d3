"""
Days as the product writes them everywhere.

Django prefers its own English formats to the settings of the same names.
"""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"
