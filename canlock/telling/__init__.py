"""How facts are told to a person: words, times, chains; pure, and the same on screen and paper."""
