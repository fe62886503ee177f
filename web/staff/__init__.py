"""The staff desk at /staff: for those who work at the library. Its words live in web/templates/staff."""
