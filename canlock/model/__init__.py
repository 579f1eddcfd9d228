"""The nouns that the other rooms share: frozen, with no behaviour beyond their own fields."""
