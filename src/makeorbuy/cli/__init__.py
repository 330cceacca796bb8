"""The command line: a thin door that calls the pipeline and computes nothing."""
