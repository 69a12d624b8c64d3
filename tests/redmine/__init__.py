"""The round trip against a real Redmine: `make test-redmine`, and never otherwise."""
