"""What the values in a source's answer mean: versions, licences, ratings, days."""
