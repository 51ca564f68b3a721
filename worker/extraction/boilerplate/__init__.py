"""The rules that tell article text from the rest."""
