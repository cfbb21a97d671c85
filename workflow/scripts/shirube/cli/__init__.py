"""The `shirube` command: one module per subcommand."""
