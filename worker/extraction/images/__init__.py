"""Images with their captions and photo credits."""
