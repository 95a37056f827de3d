"""What more than one target decides by: places, names, attempts, and the proof at the end."""
