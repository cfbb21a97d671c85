"""A read-only service over released frequency tables: a web page and a Beacon v2."""
