"""The whole platform on one machine: its own broker, its own database, every process. All data lies in `.local/`."""
