"""How Mahalle is set up, started, watched, saved and brought back."""
