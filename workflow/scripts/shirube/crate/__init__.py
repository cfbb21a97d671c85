"""Where results come from, in a form that can be checked: Workflow Run RO-Crate and checksums."""
