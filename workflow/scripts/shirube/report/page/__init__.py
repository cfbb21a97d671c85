"""The report for people: messages, blocks, HTML, PDF."""
