"""The records that pass between the stages: frozen, without behaviour of their own."""
