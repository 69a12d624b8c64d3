"""Reading what registry texts say of a package: dying, an alias, or alive."""
