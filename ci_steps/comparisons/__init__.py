"""What a comparison of two contracts is asked and answers."""
