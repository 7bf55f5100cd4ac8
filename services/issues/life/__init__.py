"""The rules of an issue's life, in layers: what it is, its tasks' moves, whose the work is, how it ends, what falls due."""
