"""Contacts: the laws in force, their pair tables, and the pass that applies them to every candidate."""
