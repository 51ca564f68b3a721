"""The notations of embedded data: JSON with faults, JavaScript, React's flight rows, packed lists and strings."""
