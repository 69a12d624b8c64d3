"""From signals to what they ask of a solution, and under which names to ask for them."""
