"""Messages to people: who wants which, what they say, and how they go out once."""
