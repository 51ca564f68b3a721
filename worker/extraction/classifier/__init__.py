"""The trained models that tell article text from the rest."""
