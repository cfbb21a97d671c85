"""How a run stands: its jobs while it goes on, its people when it ends, the page over all."""
