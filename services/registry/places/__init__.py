"""Places: where a point lies (`locating`), and territories merged, split, renamed and made targets (`reshaping`)."""
