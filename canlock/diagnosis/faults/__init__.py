"""One fault a module: how it shows, what it is mistaken for, what to do."""
