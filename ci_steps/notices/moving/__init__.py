"""Who must move by when: from the release that obliges them to the move that ends that."""
