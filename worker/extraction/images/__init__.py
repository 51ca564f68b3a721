"""Images with their captions and credits."""
