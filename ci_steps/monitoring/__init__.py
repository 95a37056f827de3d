"""What monitoring answers, read strictly: an answer that is not understood is a problem."""
