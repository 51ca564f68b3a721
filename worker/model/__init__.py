"""The records that pass between the stages: frozen, without behavior of their own."""
