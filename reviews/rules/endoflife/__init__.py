"""Release cycles of products: when their support ends, as listed or as foretold."""
