"""Running a test command, and believing what its reports say."""
