"""Pictures of the core's values: they display what was decided elsewhere, and decide nothing."""
