"""What goes out: looked for every minute, for the database row is the promise."""
