"""Migrations: each brings a database one step forward."""
