"""Templates as code, without any I/O of its own: definition files, compared with what exists, give a plan."""
