"""The label printers of an installation."""
