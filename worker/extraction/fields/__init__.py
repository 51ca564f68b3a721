"""The article's fields besides body, images and kind."""
